"""The dashboard: pages for people, mounted at `/app/` in the application that serves the API."""

from siprems_backend.dashboard.application import mount_dashboard
from siprems_backend.dashboard.sign_in import sign_in_page

__all__ = ["mount_dashboard", "sign_in_page"]

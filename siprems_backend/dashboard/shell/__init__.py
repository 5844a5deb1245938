"""What stands around every page: header, navigation, notifications, and which page is shown."""

from __future__ import annotations

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.shell import header, router
from siprems_backend.dashboard.shell.frame import layout

__all__ = ["layout", "register"]


def register(callbacks: Callbacks) -> None:
    """The callbacks of the shell."""
    router.register(callbacks)
    header.register(callbacks)

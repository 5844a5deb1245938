"""Entry of gunicorn and of the `flask` command."""

from siprems_backend.app import create_app

app = create_app()

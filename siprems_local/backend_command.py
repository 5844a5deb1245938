"""The backend's own command line."""

import sys


def backend_command(arguments: list[str]) -> list[str]:
    """The command line that runs a command of the backend, such as ``migrate``."""
    return [sys.executable, "-P", "-m", "flask", "--app", "siprems_backend.wsgi", "siprems", *arguments]

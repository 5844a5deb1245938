"""Commands of operators: `./siprems <command>` reaches them through `flask siprems <command>`."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

siprems = AppGroup("siprems", help="Commands of the SIPREMS backend.")


def register_commands(app: Flask) -> None:
    """Add the command group to the application."""
    app.cli.add_command(siprems)

"""Commands of operators: `./siprems <command>` reaches them through `flask siprems <command>`."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

siprems = AppGroup("siprems", help="Commands of the SIPREMS backend.")


def register_commands(app: Flask) -> None:
    """Add the command group, with the commands of every module of this package, to the application."""
    # The modules attach their commands to the group above, so it must exist before they are loaded.
    from siprems_backend.cli import demo, imports  # noqa: F401

    app.cli.add_command(siprems)

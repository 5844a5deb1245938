"""Commands of operators: `./siprems <command>` reaches them through `flask siprems <command>`."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from siprems_backend.errors import ServiceError
from siprems_backend.services.availability import DATABASE_AWAY


class Commands(AppGroup):
    """Commands that end with one line about what is wrong, as an edge must, and never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ServiceError as error:
            raise click.ClickException(error.message) from None
        except DATABASE_AWAY:
            raise click.ClickException(
                "The database cannot be reached; `./siprems doctor` says what to do."
            ) from None


siprems = Commands("siprems", help="Commands of the SIPREMS backend.")


def register_commands(app: Flask) -> None:
    """Add the command group, with the commands of every module of this package, to the application."""
    # The modules attach their commands to the group above, so it must exist before they are loaded.
    from siprems_backend.cli import (  # noqa: F401
        database,
        demo,
        doctor,
        evaluate,
        imports,
        prediction,
        training,
        users,
    )

    app.cli.add_command(siprems)

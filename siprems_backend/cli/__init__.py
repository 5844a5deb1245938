"""Commands of operators: `./siprems <command>` reaches them through `flask siprems <command>`."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from siprems_backend.errors import ServiceError
from siprems_backend.services.availability import DATABASE_AWAY

# What click takes the name of the program for then.
STARTED_BY_SIPREMS = "python -m flask"


class Commands(AppGroup):
    """Commands that end with one line about what is wrong, as an edge must, and never with a traceback.

    They are loaded when one is asked for: web processes, which have the same application, never run any.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Name commands in usages as they were typed: `./siprems` hides the interpreter that it starts."""
        if parent is not None and parent.info_name == STARTED_BY_SIPREMS:
            parent.info_name, info_name = "", "./siprems"
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        _load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of that name."""
        _load()
        return super().get_command(ctx, cmd_name)

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
    """Add the command group to the application."""
    app.cli.add_command(siprems)


def _load() -> None:
    # The modules attach their commands to the group above, so it must exist before they are loaded.
    from siprems_backend.cli import (  # noqa: F401
        database,
        demo,
        doctor,
        evaluate,
        imports,
        plan,
        prediction,
        simulate,
        training,
        users,
    )

"""`siprems migrate` and `siprems downgrade`: the database's tables."""

from __future__ import annotations

import click

from siprems_backend.cli import siprems
from siprems_backend.services import migrations
from siprems_backend.services.database_wait import wait_for_database

wait_option = click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=60,
    show_default=True,
    help="Seconds to wait for a database that is still starting.",
)


@siprems.command("migrate")
@wait_option
def migrate(wait: float) -> None:
    """Bring the database's tables up to date; safe to run at any time and from several places at once."""
    wait_for_database(wait)
    before = migrations.current_revision()
    migrations.upgrade()
    after = migrations.current_revision()
    if before == after:
        click.echo(f"The database is up to date (revision {after}).")
    else:
        click.echo(f"The database was brought from revision {before or 'none'} to {after}.")


@siprems.command("downgrade")
@click.argument("revision")
@wait_option
@click.confirmation_option(prompt="Undoing migrations deletes the data of their tables and columns. Go on?")
def downgrade(revision: str, wait: float) -> None:
    """Undo migrations down to REVISION; `base` undoes all of them."""
    wait_for_database(wait)
    migrations.downgrade(revision)
    click.echo(f"The database is at revision {migrations.current_revision() or 'none'}.")

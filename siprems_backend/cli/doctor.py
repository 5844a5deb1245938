"""`siprems doctor`: examine this installation."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.services import doctor
from siprems_backend.services.checks import State

COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red", State.UNKNOWN: "red"}


@siprems.command("doctor")
@click.option("--only", type=click.Choice(doctor.NAMES), help="Look at this alone.")
def examine(only: str | None) -> None:
    """Check settings, servers, workers, folders and clock, and say what to do; fails if anything does."""
    # A log or a pipe has no width of its own; rows that are not folded are easier to search.
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table("check", "state", "found", "what to do")
    states: list[State] = []
    with console.status("Looking"):
        for name, finding in doctor.examine(only):
            states.append(finding.state)
            state = f"[{COLOURS[finding.state]}]{finding.state}[/]"
            table.add_row(name, state, escape(finding.message), escape(finding.advice))
    console.print(table)
    failed = sum(state in {State.FAILED, State.UNKNOWN} for state in states)
    if failed:
        raise click.ClickException(f"{failed} of {len(states)} checks failed.")
    console.print("Nothing failed; see the warnings." if State.WARNING in states else "All is well.")

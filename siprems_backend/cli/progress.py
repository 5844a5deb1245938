"""A progress bar on the terminal of whoever runs a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from siprems_backend.services.progress import OnProgress


@contextmanager
def progress_bar(title: str) -> Iterator[OnProgress]:
    """A bar that a use case moves; it goes to standard error, so that output can be piped."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        bar = progress.add_task(title, total=None, note="")

        def report(current: int, total: int, message: str = "") -> None:
            progress.update(bar, completed=current, total=total, note=message)

        yield report
        # What has ended is shown as done, also if its last step was not reported.
        progress.update(bar, completed=progress.tasks[bar].total or 0, note="")

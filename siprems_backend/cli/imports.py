"""`siprems import`: bring files in from this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from siprems_backend.cli import siprems
from siprems_backend.services import imports
from siprems_backend.services.imports import ImportKind

SHOWN_REJECTIONS = 10
# Heading of a column -> what it counts.
COUNTS = {
    "rows": "rows",
    "new": "inserted",
    "changed": "updated",
    "known": "unchanged",
    "rejected": "rejected",
    "new products": "new_products",
}


@siprems.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ImportKind]),
    help="What the rows are; else the files' names say so, and sales if they do not.",
)
@click.option("--move-stock", is_flag=True, help="Take newly imported sales from the stock.")
def import_files(paths: tuple[Path, ...], kind: str | None, move_stock: bool) -> None:
    """Import files, or folders with products, events, sales, stock_history, promotions, suppliers and
    replenishment files in them.
    """
    console = Console()
    reports: list[tuple[Path, ImportKind, dict[str, Any]]] = []
    try:
        for path, what in _files(paths, kind):
            reports.append((path, what, _import_one(console, path, what, move_stock)))
    finally:
        _show(console, reports)


def _files(paths: tuple[Path, ...], kind: str | None) -> list[tuple[Path, ImportKind]]:
    found: list[tuple[Path, ImportKind]] = []
    for path in paths:
        if not path.is_dir():
            found.append((path, ImportKind(kind) if kind else imports.kind_of_name(path)))
            continue
        inside = [(file, what) for file, what in imports.files_of_folder(path) if kind in (None, what.value)]
        if not inside:
            raise click.ClickException(
                f"{path} has no file named products, events, sales, stock_history, promotions, suppliers or "
                "replenishment (CSV, Parquet, XLSX)."
            )
        found.extend(inside)
    return found


def _import_one(console: Console, path: Path, kind: ImportKind, move_stock: bool) -> dict[str, Any]:
    columns = (
        TextColumn("{task.fields[file]}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        shown = bar.add_task("", total=100, file=path.name)

        def report(current: int, total: int, message: str = "") -> None:
            bar.update(shown, completed=current, total=total, description=message if current < total else "")

        return imports.import_path(path, kind, report, move_stock=move_stock and kind is ImportKind.SALES)


def _show(console: Console, reports: list[tuple[Path, ImportKind, dict[str, Any]]]) -> None:
    if not reports:
        return
    table = Table(Column("file", overflow="fold"), *COUNTS, "seconds")
    for path, _, report in reports:
        counts = (f"{report[name]:,}" for name in COUNTS.values())
        table.add_row(escape(path.name), *counts, f"{report['seconds']:.1f}")
    console.print(table)
    # Sentences are whole lines for whoever reads them from a file.
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    for path, _, report in reports:
        say(f"{path.name}: {report['message']}")
        if report["ignored_columns"]:
            say(f"{path.name}: columns not used: {', '.join(report['ignored_columns'])}")
        _show_rejections(console, path, report)


def _show_rejections(console: Console, path: Path, report: dict[str, Any]) -> None:
    for row in report["rejected_rows"][:SHOWN_REJECTIONS]:
        where = f"  {path.name} line {row['line']}: {row['reason']}"
        console.print(where + (f" ({row['value']!r})" if row["value"] else ""), markup=False, highlight=False)
    more = report["rejected"] - SHOWN_REJECTIONS
    if more > 0:
        console.print(f"  and {more:,} more", highlight=False)

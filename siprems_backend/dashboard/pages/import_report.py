"""What became of one file, with the rows that were rejected by line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, duration, moment, say
from siprems_backend.dashboard.pages.data.imports import state_badge
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts.headings import heading, section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import nothing_here
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import task_path
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import imports
from siprems_backend.utils.roles import Role

COUNTS = ("rows", "accepted", "rejected", "inserted", "updated", "unchanged", "new_products")


def layout(params: Params, _query: Params) -> Component:
    """Counts, and the first rejected rows; all of them are in a file."""
    try:
        import_id = UUID(params["import_id"])
    except ValueError:
        return nothing_here("missing")
    record = imports.get(import_id, caller())
    report = record.report or {}
    task = (
        dmc.Anchor(say("data.report.task"), href=task_path(record.task_id), size="sm")
        if record.task_id
        else None
    )
    return html.Div(
        [
            heading(record.filename, moment(record.created_at), back=(say("data.title"), path_to("data"))),
            section(
                say("data.report.title"),
                dmc.Group(
                    [state_badge(report.get("status", "waiting")), dmc.Text(report.get("message"))], gap="sm"
                ),
                _counts(report),
                action=task,
            ),
            _rejected(import_id, report),
        ],
        className="stack",
    )


def _counts(report: dict[str, Any]) -> Component | None:
    if "rows" not in report:
        return None
    facts = [(say(f"data.report.{name}"), amount(report.get(name))) for name in COUNTS]
    facts.append((say("data.report.seconds"), duration(report.get("seconds"))))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")


def _rejected(import_id: UUID, report: dict[str, Any]) -> Component | None:
    rows = report.get("rejected_rows")
    if not rows:
        return None
    heads = [say(f"data.report.{name}") for name in ("line", "column", "value", "reason")]
    cells = [[amount(row["line"]), row["column"], html.Code(row["value"]), row["reason"]] for row in rows]
    file = html.A(
        [icon("download"), " ", say("data.report.download")],
        href=f"/api/v1/imports/{import_id}/rejected.csv",
        className="download",
    )
    return section(
        say("data.report.rejected_rows", count=report.get("rejected", len(rows))),
        table(heads, cells, right={0}),
        action=file,
    )


def register(_callbacks: Callbacks) -> None:
    """A report is finished."""


PAGE = Page("import_report", "data/imports/<import_id>", Role.VIEWER, layout)

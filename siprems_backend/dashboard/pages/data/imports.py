"""Files brought in, and what became of their rows."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import amount, moment, say, size
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.upload import upload_box
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import imports
from siprems_backend.services.imports import ImportKind
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

WORK = "import-work"
SHOWN = 20
COLORS = {"completed": "teal", "failed": "red", "cancelled": "gray"}


def layout() -> Component:
    """A box for a file, and the imports so far."""
    parts = [_new()] if may(Role.ANALYST) else []
    return html.Div([*parts, html.Div(_list(), id="imports-list")], className="stack")


def _new() -> Component:
    kinds = dmc.SegmentedControl(
        id="import-kind",
        value=ImportKind.SALES.value,
        data=[{"value": kind.value, "label": say(f"data.kind.{kind.value}")} for kind in ImportKind],
    )
    box = upload_box("/api/v1/imports?kind={choice}", WORK, say("upload.hint"), choice="import-kind")
    return section(
        say("data.new"),
        dmc.Group([kinds], className="scroll"),
        box,
        follow.place(WORK),
        lead=say("data.new_lead"),
    )


def _list() -> Component:
    found = imports.listing(PageRequest(1, SHOWN), None, caller())
    if not found.total:
        return empty("file", say("data.no_imports"), say("data.no_imports_advice"))
    heads = [say(f"data.column.{name}") for name in ("file", "kind", "state", "rows", "rejected", "when")]
    return section(
        say("data.imports"), table(heads, [_row(each) for each in found.items], right={3, 4}, less={1, 5})
    )


def _row(record: Any) -> list[Any]:
    report = record.report or {}
    status = report.get("status", "waiting")
    rejected = report.get("rejected")
    name = dmc.Anchor(record.filename, href=path_to("data", "imports", record.id), size="sm", fw=550)
    return [
        html.Div(
            [name, dmc.Text(size(record.size_bytes) if record.size_bytes else "", size="xs", c="dimmed")]
        ),
        say(f"data.kind.{record.kind}"),
        state_badge(status),
        amount(report.get("accepted")),
        html.Span(amount(rejected), className="bad" if rejected else ""),
        moment(record.created_at),
    ]


def state_badge(status: str) -> Component:
    """What became of an import."""
    return dmc.Badge(say(f"data.status.{status}"), color=COLORS.get(status, "blue"))


def register(callbacks: Callbacks) -> None:
    """Following the import of a file."""
    follow.register(callbacks, WORK)

    @callbacks.on(
        Output("imports-list", "children"), follow.done(WORK), press=True, prevent_initial_call=True
    )
    def show(_done: dict[str, Any]) -> Any:
        return _list()

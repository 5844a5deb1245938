"""Data sets: files brought in to work with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, moment, say, size
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.upload import upload_box
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import datasets
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

WORK = "dataset-work"
SHOWN = 100
COLORS = {"ready": "teal", "failed": "red", "waiting": "blue"}


def layout() -> Component:
    """A box for a file, and the data sets so far."""
    new = section(
        say("playground.datasets.new"),
        upload_box("/api/v1/datasets", WORK, say("upload.hint")),
        follow.place(WORK),
        lead=say("playground.datasets.new_lead"),
    )
    return html.Div([new, html.Div(_list(), id="datasets-list"), store("remove-dataset")], className="stack")


def _list() -> Component:
    found = datasets.listing(PageRequest(1, SHOWN), caller())
    if not found.total:
        return empty("database", say("playground.datasets.none"), say("playground.datasets.none_advice"))
    names = ("name", "rows", "columns", "size", "state", "when")
    heads = [say(f"playground.datasets.{name}") for name in names]
    actions = html.Span(say("playground.actions"), className="unseen")
    rows = [_row(record) for record in found.items]
    return section(
        say("playground.datasets.title"), table([*heads, actions], rows, right={1, 2, 3}, less={2, 3, 5})
    )


def _row(record: Any) -> list[Any]:
    reason = (record.error or {}).get("message")
    name = dmc.Anchor(record.name, href=path_to("playground", "datasets", record.id), size="sm", fw=550)
    note = dmc.Text(reason or record.filename, size="xs", c="red" if reason else "dimmed", maw=420)
    remove = say("playground.datasets.remove", name=record.name)
    button = dmc.ActionIcon(
        icon("trash"),
        variant="subtle",
        color="gray",
        **{"aria-label": remove},
        **does("remove-dataset", record.id, confirm=f"{remove}?"),
    )
    return [
        html.Div([name, note]),
        amount(record.rows),
        amount(len(record.columns)) if record.columns else "–",
        size(record.size_bytes) if record.size_bytes else "–",
        dmc.Badge(say(f"playground.datasets.of.{record.status}"), color=COLORS.get(record.status, "gray")),
        moment(record.created_at),
        button,
    ]


def register(callbacks: Callbacks) -> None:
    """Following a file, and removing."""
    follow.register(callbacks, WORK)

    @callbacks.on(
        Output("datasets-list", "children"),
        follow.done(WORK),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def show(_done: dict[str, Any]) -> Any:
        return _list()

    @callbacks.on(
        Output("datasets-list", "children", allow_duplicate=True),
        pressed("remove-dataset"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        datasets.remove(UUID(press["value"]), caller())
        return _list()

"""One data set: its first rows, and what its columns hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import moment, say, size
from siprems_backend.dashboard.pages.dataset import profile
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.headings import heading, section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import nothing_here, problem
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.values import word
from siprems_backend.dashboard.paths import path_to
from siprems_backend.errors import Conflict, Invalid
from siprems_backend.services import datasets
from siprems_backend.services.task_registry import Submitted
from siprems_backend.utils.roles import Role

WORK = "profile-work"
ROWS_SHOWN = 10
MOST_COLUMNS = 40


def layout(params: Params, _query: Params) -> Component:
    """The heading, the first rows, and the profile as soon as it is made."""
    try:
        dataset_id = UUID(params["dataset_id"])
    except ValueError:
        return nothing_here("missing")
    record = datasets.get(dataset_id, caller())
    use = dmc.Anchor(
        [icon("flask"), " ", say("dataset.use")],
        href=path_to("playground", dataset=dataset_id),
        className="button-link",
    )
    about = [moment(record.created_at), say("playground.rows", count=record.rows or 0)]
    about.append(size(record.size_bytes))
    head = heading(
        record.name,
        " · ".join(about),
        use,
        back=(say("dataset.back"), path_to("playground", view="datasets")),
    )
    try:
        found = datasets.profile_of(dataset_id, caller())
        preview = _preview(datasets.preview(dataset_id, ROWS_SHOWN, caller()))
    except (Conflict, Invalid) as error:
        return html.Div([head, problem(error.message)])
    task = str(found.task_id) if isinstance(found, Submitted) else None
    shown = None if isinstance(found, Submitted) else profile.layout(found)
    place = follow.place(WORK, task)
    stored = dcc.Store(id="dataset-id", data=str(dataset_id))
    return html.Div(
        [head, preview, place, html.Div(shown, id="dataset-profile"), stored],
        className="stack",
    )


def _preview(found: dict[str, Any]) -> Component:
    heads = found["columns"][:MOST_COLUMNS]
    rows = [[_cell(cell) for cell in row[:MOST_COLUMNS]] for row in found["rows"]]
    return section(say("dataset.preview"), html.Div(table(heads, rows), className="preview"))


def _cell(value: Any) -> Any:
    if value is None:
        return html.Span(say("dataset.missing_value"), className="missing")
    return word(value)


def register(callbacks: Callbacks) -> None:
    """Showing the profile when it is made."""
    follow.register(callbacks, WORK)

    @callbacks.on(
        Output("dataset-profile", "children"),
        Output(f"{WORK}-bar", "children", allow_duplicate=True),
        follow.done(WORK),
        State("dataset-id", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def show(_done: dict[str, Any], dataset_id: str) -> Any:
        found = datasets.profile_of(UUID(dataset_id), caller())
        if isinstance(found, Submitted):
            return no_update, no_update
        # The bar has told its story; a failure stays to be read.
        return profile.layout(found), None


PAGE = Page("dataset", "playground/datasets/<dataset_id>", Role.ANALYST, layout)

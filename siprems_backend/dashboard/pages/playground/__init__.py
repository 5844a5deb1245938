"""The playground: data sets, nodes, pipelines, workflows and the models that they fit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.playground import (
    build,
    datasets,
    draft,
    models,
    nodes,
    run,
    saving,
    workflows,
)
from siprems_backend.dashboard.parts.actions import store
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.services import workflows as saved
from siprems_backend.utils.roles import Role

VIEWS = ("build", "datasets", "nodes", "workflows", "models")
OTHERS = {"datasets": datasets, "nodes": nodes, "workflows": workflows, "models": models}


def layout(_params: Params, query: Params) -> Component:
    """One of the views; the address may name it, the run that is followed, and what to open."""
    chosen = query.get("view", "build")
    chosen = chosen if chosen in VIEWS else "build"
    tabs = [dmc.TabsTab(say(f"playground.view.{name}"), value=name) for name in VIEWS]
    return html.Div(
        [
            heading(say("playground.title"), say("playground.lead")),
            dmc.Tabs(dmc.TabsList(tabs), id="playground-view", value=chosen, mb="md", className="tabs"),
            html.Div(_content(chosen, query.get("task")), id="playground-content"),
            dcc.Store(id=draft.DRAFT, storage_type="session"),
            dcc.Store(id=draft.OPENED, data=_opened(query)),
            dcc.Store(id=run.TASK, data=query.get("task")),
            store(draft.PRESS),
            store("template"),
        ]
    )


def _content(view: str, task_id: str | None) -> Component:
    return build.layout(task_id) if view == "build" else OTHERS[view].layout()


def _opened(query: Params) -> dict[str, Any] | None:
    """The pipeline to begin with that the address asks for: a version of a workflow, or of a dataset."""
    if "dataset" in query:
        return draft.opened("", [{"node_type": "upload_file", "input": {"dataset_id": query["dataset"]}}])
    if "workflow" not in query:
        return None
    try:
        found = saved.get(UUID(query["workflow"]), caller())
        number = int(query.get("version", found.version))
        pipeline = saved.version(found.id, number, caller()).pipeline
    except ValueError:
        return None
    return draft.opened(found.name, pipeline, {"id": str(found.id), "version": found.version})


def register(callbacks: Callbacks) -> None:
    """Changing the view, and what the views need."""

    @callbacks.on(
        Output("playground-content", "children"),
        Input("playground-view", "value"),
        State(run.TASK, "data"),
        role=Role.ANALYST,
        prevent_initial_call=True,
    )
    def show(view: str, task_id: str | None) -> Any:
        return _content(view if view in VIEWS else "build", task_id)

    callbacks.in_browser("remember_view", Input("playground-view", "value"), prevent_initial_call=True)
    for part in (build, run, saving, *OTHERS.values()):
        part.register(callbacks)


PAGE = Page("playground", "playground", Role.ANALYST, layout, icon="flask")

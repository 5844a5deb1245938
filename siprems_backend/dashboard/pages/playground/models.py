"""Models that pipelines fitted: kept to be applied to other rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, moment, say
from siprems_backend.dashboard.pages.playground import predictions
from siprems_backend.dashboard.pages.playground.step_form import dataset_names
from siprems_backend.dashboard.pages.playground.words import node_title
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.errors import Invalid
from siprems_backend.services.pipelines import model_records, requests
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

WORK = "model-work"
SHOWN = 100
TOLD = ("test_r2", "test_rmse", "accuracy", "f1", "silhouette")


def layout() -> Component:
    """The models, the newest first, and a form to apply one."""
    return html.Div(html.Div(_content(), id="models-content"), className="stack")


def _content() -> list[Component]:
    found = model_records.listing(PageRequest(1, SHOWN), caller()).items
    if not found:
        return [
            empty("brain", say("playground.models.none"), say("playground.models.none_advice")),
            store("remove-model"),
        ]
    heads = [say(f"playground.models.{name}") for name in ("name", "kind", "figures", "when")]
    actions = html.Span(say("playground.actions"), className="unseen")
    listed = section(
        say("playground.models.title"),
        table([*heads, actions], [_row(model) for model in found], less={1, 3}),
        lead=say("playground.models.lead"),
    )
    return [html.Div([listed, _apply(found)], className="stack"), store("remove-model")]


def _row(model: Any) -> list[Any]:
    label = f"{model.name} {amount(model.version)}"
    figures = [
        f"{say(f'playground.metric.{name}')} {amount(model.metrics[name], 3)}"
        for name in TOLD
        if model.metrics.get(name) is not None
    ]
    remove = say("playground.models.remove", name=label)
    buttons = [
        html.A(
            icon("download"),
            href=f"/api/v1/ml/models/{model.id}/download",
            className="icon-link",
            title=say("playground.models.download", name=label),
            **{"aria-label": say("playground.models.download", name=label)},
        ),
        dmc.ActionIcon(
            icon("trash"),
            variant="subtle",
            color="gray",
            **{"aria-label": remove},
            **does("remove-model", model.id, confirm=f"{remove}?"),
        ),
    ]
    version = dmc.Text(say("playground.models.version", version=model.version), size="xs", c="dimmed")
    return [
        html.Div([dmc.Text(model.name, size="sm", fw=550), version]),
        node_title(model.node_type),
        " · ".join(figures) or "–",
        moment(model.created_at),
        dmc.Group(buttons, gap=4, justify="flex-end", wrap="nowrap"),
    ]


def _apply(models: Any) -> Component:
    names = [{"value": str(each.id), "label": f"{each.name} · {amount(each.version)}"} for each in models]
    rows = [{"value": key, "label": label} for key, label in dataset_names().items()]
    model = dmc.Select(
        id="apply-model",
        label=say("playground.models.model"),
        data=names,
        value=names[0]["value"],
        allowDeselect=False,
    )
    dataset = dmc.Select(
        id="apply-dataset",
        label=say("playground.models.dataset"),
        data=rows,
        placeholder=say("playground.models.choose_dataset"),
        nothingFoundMessage=say("playground.datasets.none"),
        searchable=True,
    )
    button = dmc.Button(say("playground.models.apply"), id="apply-start")
    return section(
        say("playground.models.apply_title"),
        dmc.Group([model, dataset, button], align="flex-end", className="apply"),
        follow.place(WORK),
        html.Div(id="apply-result"),
        lead=say("playground.models.apply_lead"),
    )


def register(callbacks: Callbacks) -> None:
    """Applying and removing."""
    follow.register(callbacks, WORK)

    @callbacks.on(
        follow.task_of(WORK),
        Input("apply-start", "n_clicks"),
        State("apply-model", "value"),
        State("apply-dataset", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def apply(_clicks: int, model_id: str | None, dataset_id: str | None) -> Any:
        if not model_id or not dataset_id:
            raise Invalid(say("playground.models.choose_both"), code="form")
        return str(requests.submit_prediction(UUID(model_id), caller(), dataset_id=dataset_id).task_id)

    @callbacks.on(
        Output("apply-result", "children"),
        follow.done(WORK),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def show(done: dict[str, Any]) -> Any:
        return predictions.layout(UUID(str(done["task_id"])))

    @callbacks.on(
        Output("models-content", "children"),
        pressed("remove-model"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        model_records.remove(UUID(press["value"]), caller())
        return _content()

"""The form of one step, made from the JSON Schema of its node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.pages.playground.draft import Node
from siprems_backend.dashboard.pages.playground.words import field_words, node_about, node_title
from siprems_backend.dashboard.parts.schema_form import Form, Option
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.services import datasets, stock_outlook
from siprems_backend.services.pipelines import catalogue
from siprems_backend.utils.pagination import PageRequest

FORM = "step"
COLUMNS = {
    "columns", "column", "keep", "drop", "on", "group_by", "order_by", "target", "stratify_by", "time_column",
    "not_null", "unique",
}  # fmt: skip
MOST_DATASETS = 200


def form(place: int, node: Node, columns: Sequence[str]) -> Component:
    """The fields of a step; `columns` are those that reach it as far as is known."""
    about = catalogue.by_type().get(node["node_type"])
    head = [
        dmc.Title(f"{amount(place + 1)}. {node_title(node['node_type'])}", order=3, className="form-title"),
        dmc.Text(node_about(node["node_type"]), size="sm", c="dimmed"),
    ]
    if about is None:
        return html.Div([*head, dmc.Alert(say("playground.problem.unknown_node"), color="red")])
    schema = about["parameters"]
    if not schema["properties"]:
        return html.Div([*head, dmc.Text(say("playground.no_parameters"), size="sm", mt="md")])
    made = Form(FORM, node["key"], field_words(node["node_type"]), _options(schema, columns))
    return html.Div([*head, html.Div(made.fields(schema, node["input"]), className="form-fields")])


def nothing_chosen() -> Component:
    """In place of a form."""
    return empty("list", say("playground.nothing_chosen"), say("playground.nothing_chosen_advice"))


def _options(schema: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Sequence[Option]]:
    found: dict[str, Sequence[Option]] = {}
    for name in schema["properties"]:
        if name in COLUMNS:
            found[name] = columns
        elif name == "dataset_id":
            found[name] = [{"value": key, "label": label} for key, label in dataset_names().items()]
        elif name == "category":
            found[name] = list(stock_outlook.categories())
    return found


def dataset_names() -> dict[str, str]:
    """The caller's datasets that can be read, by id."""
    page = datasets.listing(PageRequest(1, MOST_DATASETS), caller())
    return {str(record.id): record.name for record in page.items if record.status == "ready"}

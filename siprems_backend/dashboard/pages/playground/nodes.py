"""The catalogue of nodes: what there is, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.playground.build import ORDER
from siprems_backend.dashboard.pages.playground.draft import PRESS
from siprems_backend.dashboard.pages.playground.steps import group_of
from siprems_backend.dashboard.pages.playground.words import (
    category_name,
    field_words,
    node_about,
    node_title,
)
from siprems_backend.dashboard.parts.actions import does
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.schema_form import Words
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.services.pipelines import catalogue
from siprems_backend.utils.roles import Role

Node = Mapping[str, Any]


def layout() -> Component:
    """A field to search in, and all nodes by category."""
    search = dmc.TextInput(
        id="node-search",
        placeholder=say("playground.nodes.search"),
        leftSection=icon("search"),
        debounce=200,
        maw=420,
        **{"aria-label": say("playground.nodes.search")},
    )
    return html.Div([search, html.Div(_found(""), id="node-list")], className="stack")


def _found(text: str) -> Component:
    """The nodes with these words in their names or descriptions."""
    words = text.casefold().split()
    shown = [node for node in catalogue.by_type().values() if all(word in _text(node) for word in words)]
    if not shown:
        return empty("search", say("playground.nodes.none"), say("playground.nodes.none_advice"))
    groups = []
    for category in ORDER:
        cards = [_card(node) for node in shown if node["category"] == category]
        if cards:
            title = dmc.Title(category_name(category), order=2, className="section-title")
            groups.append(
                html.Section([title, html.Div(cards, className="node-cards")], className="node-group")
            )
    return html.Div(groups)


def _text(node: Node) -> str:
    parts = [node["node_type"], node_title(node["node_type"]), node_about(node["node_type"])]
    parts += [category_name(node["category"]), *node["parameters"]["properties"]]
    return " ".join(parts).casefold()


def _card(node: Node) -> Component:
    node_type = node["node_type"]
    title = node_title(node_type)
    add = dmc.ActionIcon(
        icon("plus"),
        variant="light",
        **{"aria-label": say("playground.nodes.add", name=title)},
        **does(PRESS, f"add:{node_type}"),
    )
    head = html.Div(
        [
            html.Div([html.H3(title), html.Code(node_type)]),
            dmc.Tooltip(add, label=say("playground.nodes.add", name=title)),
        ],
        className="node-head",
    )
    return html.Article(
        [head, html.P(node_about(node_type)), _parameters(node)], className=f"node-card {group_of(node_type)}"
    )


def _parameters(node: Node) -> Component | None:
    schema = node["parameters"]
    if not schema["properties"]:
        return None
    required = set(schema.get("required", ()))
    words = field_words(node["node_type"])
    entries = [
        _parameter(words(name, of), name, of, name in required) for name, of in schema["properties"].items()
    ]
    summary = html.Summary(say("playground.nodes.parameters", count=len(entries)))
    return html.Details([summary, html.Dl(entries, className="parameters")])


def _parameter(words: Words, name: str, schema: Node, required: bool) -> Component:
    mark = html.Span(say("playground.nodes.required"), className="required") if required else None
    choices = schema.get("enum")
    values = html.Div([html.Code(choice) for choice in choices], className="codes") if choices else None
    return html.Div([html.Dt([words.label, " ", html.Code(name), mark]), html.Dd([words.help, values])])


def register(callbacks: Callbacks) -> None:
    """Searching; a node that is added leads back to the pipeline."""

    @callbacks.on(
        Output("node-list", "children"),
        Input("node-search", "value"),
        role=Role.ANALYST,
        prevent_initial_call=True,
    )
    def search(text: str | None) -> Any:
        return _found((text or "")[:100])

    callbacks.in_browser(
        "show_pipeline",
        Output("playground-view", "value", allow_duplicate=True),
        Input(f"do-{PRESS}", "data"),
        prevent_initial_call=True,
    )

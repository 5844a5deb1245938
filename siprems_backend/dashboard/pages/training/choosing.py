"""What to train, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import known, say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.schema_form import Form, Words
from siprems_backend.services.learned_models import requests
from siprems_backend.utils.roles import Role

FORM, USUAL = "training", "lightgbm"
# Those that most people change; the others are folded away.
FIRST = ("epochs", "learning_rate", "patience", "folds")
COMMAND = re.compile(r"`([^`]+)`")


def layout(model_type: str | None) -> Component:
    """The types beside each other, and the form of the chosen one."""
    types = {each["model_type"]: each for each in requests.catalogue()}
    usable = [name for name, each in types.items() if each["available"]]
    chosen = model_type if model_type in usable else USUAL if USUAL in usable else usable[0]
    # What can be chosen comes first.
    cards = [_card(each) for each in sorted(types.values(), key=lambda each: not each["available"])]
    choice = dmc.RadioGroup(
        html.Div(cards, className="type-cards"),
        id="training-type",
        value=chosen,
        **{"aria-label": say("training.choose")},
    )
    start = dmc.Button(say("training.start"), id="training-start", leftSection=icon("play"))
    return section(
        say("training.choose"),
        choice,
        html.Div(form(types[chosen]), id="training-form"),
        dmc.Group([start], mt="md"),
        dcc.Store(id="training-values"),
        lead=say("training.choose_lead"),
    )


def _card(of_type: Mapping[str, Any]) -> Component:
    name = of_type["model_type"]
    missing = None
    if not of_type["available"]:
        command = COMMAND.search(of_type["reason"] or "")
        missing = html.Span(
            [say("training.missing"), " ", html.Code(command[1]) if command else of_type["reason"]],
            className="type-missing",
        )
    words = html.Span(
        [
            html.Strong(say(f"training.type.{name}.title")),
            html.Span(say(f"training.type.{name}.about"), className="type-about"),
            missing,
        ],
        className="type-words",
    )
    return dmc.RadioCard(
        [dmc.RadioIndicator(), words],
        value=name,
        disabled=not of_type["available"],
        className="type-card",
        **{"aria-label": say(f"training.type.{name}.title")},
    )


def form(of_type: Mapping[str, Any]) -> Component:
    """The fields of a type; empty ones take the default, which stands in them in grey."""
    schema = of_type["parameters"]
    made = Form(FORM, of_type["model_type"], _words, {})
    first = {name: of for name, of in schema["properties"].items() if name in FIRST}
    others = {name: of for name, of in schema["properties"].items() if name not in FIRST}
    more = (
        html.Details(
            [
                html.Summary(say("training.more")),
                html.Div(made.fields({"properties": others}, {}), className="more"),
            ]
        )
        if others
        else None
    )
    return html.Div([made.fields({"properties": first}, {}), more], className="form-fields")


def _words(name: str, schema: Mapping[str, Any]) -> Words:
    key = f"hyperparameter.{name}"
    if not known(f"{key}.label"):
        return Words(name.replace("_", " ").capitalize(), schema.get("description", ""))
    return Words(say(f"{key}.label"), say(f"{key}.help"))


def register(callbacks: Callbacks) -> None:
    """Another type has another form; its values are put together in the browser."""

    @callbacks.on(
        Output("training-form", "children"),
        Input("training-type", "value"),
        role=Role.ANALYST,
        prevent_initial_call=True,
    )
    def show(model_type: str) -> Any:
        found = {each["model_type"]: each for each in requests.catalogue()}
        return form(found[model_type]) if model_type in found else None

    callbacks.in_browser("remember_type", Input("training-type", "value"), prevent_initial_call=True)
    field = {"form": FORM, "key": ALL, "name": ALL, "kind": ALL}
    callbacks.in_browser("form_values", Output("training-values", "data"), Input(field, "value"))

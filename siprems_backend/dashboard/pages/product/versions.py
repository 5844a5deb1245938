"""The versions of a product's own model."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import amount, moment, percent, say
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import model_repository
from siprems_backend.utils.roles import Role

MOST_SHOWN = 8


def layout(sku: str) -> Component:
    """The versions, the newest first; another can be made to serve."""
    return section(
        say("product.versions.title"),
        html.Div(_versions(sku), id="product-versions"),
        store("activate-version"),
        lead=say("product.versions.lead"),
    )


def _versions(sku: str) -> Component:
    found = model_repository.versions(sku)[:MOST_SHOWN]
    if not found:
        return empty("brain", say("product.versions.none"), say("product.versions.none_advice"))
    heads = [
        say(f"product.versions.{name}")
        for name in ("version", "trained", "engine", "samples", "accuracy", "state")
    ]
    return table(heads, [_row(version) for version in found], right={3, 4})


def _row(version: Any) -> list[Any]:
    return [
        amount(version.version),
        moment(version.trained_at),
        version.engine,
        amount(version.training_samples),
        percent(version.accuracy / 100 if version.accuracy is not None else None),
        _state(version),
    ]


def _state(version: Any) -> Component:
    if version.is_active:
        return dmc.Badge(say("product.versions.active"))
    if not may(Role.ANALYST):
        return dmc.Badge(say("product.versions.kept"), color="gray")
    return dmc.Button(
        say("product.versions.activate"),
        size="compact-sm",
        variant="default",
        **does("activate-version", version.version),
    )


def register(callbacks: Callbacks) -> None:
    """Activating."""

    @callbacks.on(
        Output("product-versions", "children"),
        pressed("activate-version"),
        State("product-sku", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def activate(press: dict[str, str], sku: str) -> Any:
        version = model_repository.activate(sku, int(press["value"]), caller())
        notify(say("product.versions.activated", version=version.version))
        return _versions(sku)

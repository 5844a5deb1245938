"""How the shop orders: what holds for all of it, for a category, and for what a supplier delivers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.settings.ordering_fields import FIELDS, OF_SUPPLIERS, Field
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import stock_outlook
from siprems_backend.services.replenishment import parameters, suppliers
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOP, CATEGORY, SUPPLIER = "shop", "category:", "supplier:"
MOST_SUPPLIERS = 200
LONGEST_NAME = 200


def layout() -> Component:
    """Whom the terms are of, the terms, and a form for another supplier."""
    choice = dmc.Select(
        id="ordering-scope",
        label=say("settings.ordering.of"),
        data=_scopes(),
        value=SHOP,
        allowDeselect=False,
        searchable=True,
        w={"base": "100%", "xs": 320},
    )
    terms = section(
        say("settings.ordering.title"),
        choice,
        html.Div(_fields(SHOP), id="ordering-fields"),
        dmc.Group(dmc.Button(say("settings.ordering.save"), id="ordering-save"), mt="md"),
        lead=say("settings.ordering.lead"),
    )
    return html.Div([terms, _new_supplier()], className="stack")


def _scopes() -> list[dict[str, Any]]:
    categories = [{"value": CATEGORY + name, "label": name} for name in stock_outlook.categories()]
    delivering = [
        {"value": f"{SUPPLIER}{each.id}", "label": each.name}
        for each in suppliers.listing(PageRequest(1, MOST_SUPPLIERS), is_active=True).items
    ]
    groups = {
        "shop": [{"value": SHOP, "label": say("settings.ordering.shop")}],
        "categories": categories,
        "suppliers": delivering,
    }
    return [
        {"group": say(f"settings.ordering.group.{name}"), "items": items}
        for name, items in groups.items()
        if items
    ]


def _new_supplier() -> Component:
    return section(
        say("settings.ordering.new"),
        dmc.Group(
            [
                dmc.TextInput(
                    id="supplier-name", label=say("settings.ordering.name"), w={"base": "100%", "xs": 320}
                ),
                dmc.Button(say("settings.ordering.add"), id="supplier-add"),
            ],
            align="flex-end",
        ),
        lead=say("settings.ordering.new_lead"),
    )


def _fields(scope: str) -> Component:
    own, usual = _said(scope)
    cells = [
        dmc.GridCol(
            field.input(own.get(field.name), usual.get(field.name)), span={"base": 12, "xs": 6, "lg": 4}
        )
        for field in _of(scope)
    ]
    return dmc.Grid(cells, gutter="md", mt="md", align="flex-start")


def _of(scope: str) -> tuple[Field, ...]:
    return OF_SUPPLIERS if scope.startswith(SUPPLIER) else FIELDS


def _said(scope: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What is said of the scope, and what holds where it says nothing."""
    shop = parameters.of_shop()
    if scope.startswith(SUPPLIER):
        supplier = suppliers.get(_number(scope))
        own = {field.name: getattr(supplier, field.name) for field in OF_SUPPLIERS}
        return own, shop.effective or {}
    if scope.startswith(CATEGORY):
        return parameters.of_category(scope.removeprefix(CATEGORY)).own, shop.effective or {}
    return shop.own, parameters.DEFAULTS


def _number(scope: str) -> int:
    text = scope.removeprefix(SUPPLIER)
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _save(scope: str, values: Mapping[str, Any]) -> None:
    by = caller().user_id
    if scope.startswith(SUPPLIER):
        suppliers.change(_number(scope), values, by)
    elif scope.startswith(CATEGORY):
        parameters.change_category(scope.removeprefix(CATEGORY), values, by)
    else:
        parameters.change_shop(values, by)


def register(callbacks: Callbacks) -> None:
    """Choosing whose terms, saving them, adding suppliers."""

    @callbacks.on(
        Output("ordering-fields", "children"),
        Input("ordering-scope", "value"),
        role=Role.ANALYST,
        prevent_initial_call=True,
    )
    def choose(scope: str | None) -> Any:
        return _fields(scope or SHOP)

    @callbacks.on(
        Output("ordering-fields", "children", allow_duplicate=True),
        Input("ordering-save", "n_clicks"),
        State("ordering-scope", "value"),
        State(Field.ANY, "id"),
        State(Field.ANY, "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def save(_clicks: int, scope: str | None, names: list[dict[str, str]], values: list[Any]) -> Any:
        scope = scope or SHOP
        written = {key["name"]: value for key, value in zip(names, values, strict=True)}
        _save(scope, {field.name: field.read(written.get(field.name)) for field in _of(scope)})
        notify(say("settings.ordering.saved"))
        return _fields(scope)

    @callbacks.on(
        Output("ordering-scope", "data"),
        Output("ordering-scope", "value"),
        Output("supplier-name", "value"),
        Input("supplier-add", "n_clicks"),
        State("supplier-name", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, name: str | None) -> Any:
        name = checks.line(name, LONGEST_NAME, say("settings.ordering.name"))
        supplier = suppliers.create({"name": name}, caller().user_id)
        notify(say("settings.ordering.added", name=name))
        return _scopes(), f"{SUPPLIER}{supplier.id}", ""

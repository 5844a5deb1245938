"""Promotions planned."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import day, say
from siprems_backend.dashboard.language.formats import today
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.dashboard.problems import notify
from siprems_backend.errors import Invalid
from siprems_backend.services import catalogue, promotions, stock_outlook
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 100
LONGEST_NAME = 200


def layout() -> Component:
    """Plans that are not over, and a form for another."""
    listed = html.Div(_list(), id="promotions-list")
    if not may(Role.ANALYST):
        return html.Div([listed, store("remove-promotion")])
    return dmc.Grid(
        [
            dmc.GridCol(listed, span={"base": 12, "lg": 8}),
            dmc.GridCol([_form(), store("remove-promotion")], span={"base": 12, "lg": 4}),
        ],
        gutter="md",
    )


def _list() -> Component:
    found = promotions.list_promotions(PageRequest(1, SHOWN), date_from=today())
    if not found.total:
        return empty("tag", say("data.promotions.none"), say("data.promotions.none_advice"))
    heads = [say(f"data.promotions.{name}") for name in ("what", "name", "from", "to")]
    remove = [html.Span(say("data.promotions.remove"), className="unseen")] if may(Role.ANALYST) else []
    return section(
        say("data.promotions.title"), table([*heads, *remove], [_row(plan) for plan in found.items], less={1})
    )


def _row(plan: Any) -> list[Any]:
    target = (
        dmc.Anchor(plan.sku, href=path_to("products", plan.sku), size="sm", fw=550)
        if plan.sku
        else say("data.promotions.of_category", category=plan.category)
    )
    days = [html.Span(day(date), className="no-wrap") for date in (plan.date_from, plan.date_to)]
    cells = [target, plan.name, *days]
    return [*cells, _remove(plan)] if may(Role.ANALYST) else cells


def _remove(plan: Any) -> Component:
    label = say("data.promotions.remove_one", name=f"{plan.name}, {plan.sku or plan.category}")
    return dmc.ActionIcon(
        icon("trash"),
        variant="subtle",
        color="gray",
        **{"aria-label": label},
        **does("remove-promotion", plan.id, confirm=label + "?"),
    )


def _form() -> Component:
    return section(
        say("data.promotions.new"),
        dmc.Stack(
            [
                dmc.TextInput(id="promotion-sku", label=say("data.promotions.sku")),
                dmc.Select(
                    id="promotion-category",
                    label=say("data.promotions.category"),
                    data=list(stock_outlook.categories()),
                    clearable=True,
                    searchable=True,
                ),
                dmc.TextInput(id="promotion-name", label=say("data.promotions.name")),
                dmc.DatePickerInput(
                    id="promotion-days",
                    type="range",
                    label=say("data.promotions.days"),
                    valueFormat="D MMM YYYY",
                ),
                dmc.Button(say("data.promotions.plan"), id="promotion-add"),
            ],
            gap="sm",
        ),
        lead=say("data.promotions.new_lead"),
    )


def register(callbacks: Callbacks) -> None:
    """Planning and taking back."""

    @callbacks.on(
        Output("promotions-list", "children"),
        Output("promotion-sku", "value"),
        Input("promotion-add", "n_clicks"),
        State("promotion-sku", "value"),
        State("promotion-category", "value"),
        State("promotion-name", "value"),
        State("promotion-days", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(
        _clicks: int, sku: str | None, category: str | None, name: str | None, days: list[str] | None
    ) -> Any:
        promotions.create(_values(sku, category, name, days), caller().user_id)
        notify(say("data.promotions.planned"))
        return _list(), ""

    @callbacks.on(
        Output("promotions-list", "children", allow_duplicate=True),
        pressed("remove-promotion"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        promotions.remove(int(press["value"]), caller().user_id)
        return _list()


def _values(
    sku: str | None, category: str | None, name: str | None, days: list[str] | None
) -> dict[str, Any]:
    if bool(sku) == bool(category):
        raise Invalid(say("data.promotions.one_target"), code="form")
    first, last = days if days and len(days) == 2 else (None, None)
    words = say("data.promotions.days")
    target = {"sku": catalogue.clean_sku(sku)} if sku else {"category": category}
    named = {"name": checks.line(name, LONGEST_NAME, say("data.promotions.name"))} if name else {}
    return {**target, **named, "date_from": checks.date(first, words), "date_to": checks.date(last, words)}

"""One product: what it sells, what it will sell, and what to order."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import amount, day, money, percent, say, unit_of
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.product import accuracy, anatomy, forecast, stock, versions
from siprems_backend.dashboard.pages.product.outlook import DAYS_AHEAD, Outlook, load
from siprems_backend.dashboard.parts import follow
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.paths import path_to
from siprems_backend.errors import Invalid
from siprems_backend.services import catalogue, prediction_requests
from siprems_backend.utils.roles import Role

WORK = "product-work"


def layout(params: Params, _query: Params) -> Component:
    """The heading, and everything below it, which is made anew when a forecast has been."""
    product = catalogue.get(params["sku"])
    about = [product.sku, product.category, money(product.price) if product.price is not None else None]
    lead = " · ".join(part for part in about if part)
    back = (say("products.title"), path_to("products"))
    return html.Div(
        [
            heading(product.name, lead, *_actions(), back=back),
            follow.place(WORK),
            dcc.Store(id="product-sku", data=product.sku),
            html.Div(_content(product.sku), id="product-content"),
        ]
    )


def _actions() -> list[Component]:
    if not may(Role.ANALYST):
        return []
    return [
        dmc.Button(
            say("product.forecast_now"),
            id="product-forecast-now",
            variant="default",
            leftSection=icon("chart"),
        ),
        dmc.Button(say("product.train_now"), id="product-train-now", leftSection=icon("play")),
    ]


def _content(sku: str) -> Component:
    try:
        outlook = load(sku)
    except Invalid:
        return empty("chart", say("product.never_sold"), say("product.never_sold_advice"))
    if outlook.made is None:
        return empty("brain", say("product.no_model"), say("product.no_model_advice"))
    below = [stock.layout(outlook), anatomy.layout(sku), accuracy.layout(sku), versions.layout(sku)]
    return html.Div(
        [
            _figures(outlook),
            forecast.layout(outlook),
            dmc.SimpleGrid(
                [part for part in below if part is not None], cols={"base": 1, "lg": 2}, spacing="md"
            ),
        ],
        className="stack",
    )


def _figures(outlook: Outlook) -> Component:
    [found] = outlook.made["recommendations"] if outlook.made else [{}]
    likely = found.get("demandQuantiles") or {}
    span = f"{amount(likely['0.1'])} – {amount(likely['0.9'])}" if likely else None
    projection = stock.project(outlook)
    past = outlook.made["backtest"] if outlook.made else None
    accuracy_then = None if not past or past.get("wape") is None else max(0.0, 1 - past["wape"])
    soon = projection.runs_out or projection.runs_out_early
    on_hand = float(outlook.product.stock)
    cells = [
        figure(say("product.figure.stock"), amount(on_hand), unit_of(on_hand, outlook.product.unit)),
        figure(
            say("product.figure.demand", days=DAYS_AHEAD),
            amount(round(sum(point["predicted"] for point in outlook.ahead))),
            say("product.figure.likely", span=span) if span else None,
        ),
        figure(
            say("product.figure.runs_out"),
            day(soon) if soon else say("product.figure.not_soon"),
            say("product.figure.at_risk") if projection.runs_out is None and soon else None,
            color="var(--warn)",
        ),
        figure(say("product.figure.accuracy"), percent(accuracy_then), say("product.figure.past")),
    ]
    return dmc.SimpleGrid(cells, cols={"base": 2, "md": 4})


def register(callbacks: Callbacks) -> None:
    """Training and forecasting now, and showing what came of it."""
    for name, submit in (("train", _train), ("forecast", _forecast)):
        callbacks.on(
            follow.task_of(WORK),
            Input(f"product-{name}-now", "n_clicks"),
            State("product-sku", "data"),
            role=Role.ANALYST,
            press=True,
            prevent_initial_call=True,
        )(submit)
    follow.register(callbacks, WORK)

    @callbacks.on(
        Output("product-content", "children"),
        follow.done(WORK),
        State("product-sku", "data"),
        press=True,
        prevent_initial_call=True,
    )
    def show(_done: dict[str, Any], sku: str) -> Any:
        return _content(sku)

    forecast.register(callbacks)
    versions.register(callbacks)


def _train(_clicks: int, sku: str) -> str:
    return str(prediction_requests.submit_training(sku, caller()).task_id)


def _forecast(_clicks: int, sku: str) -> str:
    return str(prediction_requests.submit_prediction(sku, DAYS_AHEAD, caller()).task_id)


PAGE = Page("product", "products/<sku>", Role.VIEWER, layout)

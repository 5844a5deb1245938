"""All products, those most likely to run out first."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import amount, money, percent, say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts.filters import category_box, search_box
from siprems_backend.dashboard.parts.grids import GRID_OPTIONS, LINK, column
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.dashboard.parts.risk import risk_level, risk_text
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import stock_outlook
from siprems_backend.services.stock_outlook import DAYS, LOW, OutlookLine
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

BLOCK = 100
SHOWN: dict[str, dict[str, Any]] = {"all": {}, "risk": {"least_risk": LOW}, "drifted": {"drifted_only": True}}
GRID = "products-grid"


def layout(_params: Params, query: Params) -> Component:
    """The filters and the grid, or what to do first in a shop without products."""
    counts = stock_outlook.counts()
    if not counts.products:
        advice = dmc.Anchor(say("products.import"), href=path_to("data"))
        return html.Div(
            [
                heading(say("products.title")),
                empty("box", say("products.none"), say("products.none_advice"), advice),
            ]
        )
    lead = say("products.lead", count=counts.products, high=counts.high, days=DAYS)
    shown = query.get("show", "all")
    return html.Div(
        [heading(say("products.title"), lead), _filters(shown if shown in SHOWN else "all"), _grid()]
    )


def _filters(shown: str) -> Component:
    search = search_box("products-search")
    category = category_box("products-category")
    show = dmc.SegmentedControl(
        id="products-show",
        value=shown,
        data=[{"value": name, "label": say(f"products.show.{name}")} for name in SHOWN],
    )
    return dmc.Group(
        [search, category, show, html.Div(id="products-count", className="count")], mb="md", gap="sm"
    )


def _grid() -> Component:
    columns = [
        column("name", say("products.column.name"), minWidth=150, flex=3, sortable=True, **LINK),
        column("category", say("products.column.category"), minWidth=110, flex=1),
        column("stock", say("products.column.stock"), number=True, width=92),
        column("demand", say("products.column.demand", days=DAYS), number=True, width=142),
        column("cover_days", say("products.column.cover"), number=True, width=108),
        column("risk", say("products.column.risk"), width=170, cellRenderer="SipremsRisk", sort="desc"),
        column("price", say("products.column.price"), number=True, width=96),
        column("wape", say("products.column.accuracy"), number=True, width=104),
        column("champion", say("products.column.engine"), width=128, sortable=False),
    ]
    return dag.AgGrid(
        id=GRID,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.sku",
        dashGridOptions={
            **GRID_OPTIONS,
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 20,
            "infiniteInitialRowCount": 20,
        },
        className="grid",
        style={"height": "calc(100vh - 235px)", "minHeight": 420},
    )


def register(callbacks: Callbacks) -> None:
    """Rows as they are scrolled to."""

    @callbacks.on(
        Output(GRID, "getRowsResponse"),
        Output("products-count", "children"),
        Input(GRID, "getRowsRequest"),
        State("products-search", "value"),
        State("products-category", "value"),
        State("products-show", "value"),
        prevent_initial_call=True,
    )
    def rows(asked: dict[str, Any] | None, search: str | None, category: str | None, shown: str) -> Any:
        if asked is None:
            return no_update, no_update
        request = PageRequest(int(asked["startRow"]) // BLOCK + 1, BLOCK)
        found = stock_outlook.page(
            request, _sort(asked), search=search or None, category=category, **SHOWN.get(shown, {})
        )
        answer = {"rowData": [_row(line) for line in found.items], "rowCount": found.total}
        return answer, say("products.found", count=found.total)

    callbacks.in_browser(
        "search_grid",
        Input("products-search", "value"),
        Input("products-category", "value"),
        Input("products-show", "value"),
        State(GRID, "id"),
        prevent_initial_call=True,
    )
    callbacks.in_browser("fit_grid", Input(GRID, "id"), State(GRID, "columnDefs"))


def _sort(asked: dict[str, Any]) -> str:
    model = asked.get("sortModel") or []
    if not model:
        return "-risk"
    return ("-" if model[0].get("sort") == "desc" else "") + str(model[0].get("colId"))


def _row(line: OutlookLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "href": path_to("products", line.sku),
        "note": line.sku if line.sku != line.name else "",
        "category": line.category or "",
        "stock": amount(line.stock),
        "demand": amount(line.demand),
        "cover_days": say("products.days", count=round(line.cover_days))
        if line.cover_days is not None
        else "–",
        "risk": line.risk,
        "risk_text": risk_text(line.risk),
        "level": risk_level(line.risk),
        "price": money(line.price),
        "wape": percent(None if line.wape is None else max(0.0, 1 - line.wape)),
        "champion": line.champion or "–",
    }


PAGE = Page("products", "products", Role.VIEWER, layout, icon="box")

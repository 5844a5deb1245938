"""The order proposal: sums, filters, and the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import date_words, say
from siprems_backend.dashboard.pages.plan import budget, changes, totals
from siprems_backend.dashboard.pages.plan.changes import CHANGES, Changes
from siprems_backend.dashboard.pages.plan.rows import row
from siprems_backend.dashboard.pages.plan.wanted import SHOWN, STATES, wanted
from siprems_backend.dashboard.parts.filters import category_box, search_box
from siprems_backend.dashboard.parts.grids import GRID_OPTIONS, column
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.replenishment import views
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

GRID = "plan-grid"
BLOCK = 100
ROW_HEIGHT = 64
SORTS = frozenset({"name", "urgency", "stockout_date", "recommended", "value"})


def layout(query: Mapping[str, str]) -> Component:
    """All of it, or what to do first where there is no plan."""
    found = views.page(PageRequest(1, 1), to_order=True)
    if not found.total and not views.page(PageRequest(1, 1)).total:
        return _nothing(found.stale)
    supplier, search = query.get("supplier", ""), query.get("search", "")
    chosen = wanted((search, None, "order", {"value": supplier}, None, None))
    day = date_words(found.plan_date)
    stale = dmc.Alert(say("plan.stale", count=found.stale), color="yellow", mb="md") if found.stale else None
    return html.Div(
        [
            stale,
            dcc.Store(id="do-plan-supplier", data={"value": supplier}),
            changes.store(),
            dcc.Store(id="plan-row"),
            dcc.Store(id="plan-made"),
            html.Div(
                totals.suppliers(chosen),
                id="plan-suppliers",
                className="suppliers",
                role="group",
                **{"aria-label": say("plan.by_supplier")},
            ),
            _filters(search),
            dmc.Group(
                [
                    budget.layout(found.totals.value),
                    html.Div(totals.exports(chosen), id="plan-exports"),
                    *_order(),
                ],
                justify="space-between",
                mb="sm",
            ),
            html.Div(id="plan-result", **{"aria-live": "polite"}),
            _grid(),
            dmc.Text(say("plan.for_day", day=day), size="sm", c="dimmed", mt="sm"),
        ]
    )


def _nothing(stale: int) -> Component:
    if stale:
        return empty("clock", say("plan.being_made"), say("plan.being_made_advice"))
    advice = dmc.Anchor(say("plan.import"), href=path_to("data"))
    return empty("cart", say("plan.none"), say("plan.none_advice"), advice)


def _filters(searched: str) -> Component:
    search = search_box("plan-search", searched)
    category = category_box("plan-category")
    shown = dmc.SegmentedControl(
        id="plan-show",
        value="order",
        data=[{"value": name, "label": say(f"plan.show.{name}")} for name in SHOWN],
    )
    count = html.Div(id="plan-count", className="count")
    return dmc.Group([search, category, shown, count], mb="md", gap="sm")


def _grid() -> Component:
    edits = may(Role.ANALYST)
    editor = {"cellEditor": "agNumberCellEditor", "cellEditorParams": {"min": 0, "precision": 4}}
    own = [
        column(
            "mine", say("plan.column.mine"), minWidth=130, flex=1, sortable=False, editable=True, hide=True
        )
    ]
    columns = [
        column("name", say("plan.column.name"), minWidth=150, flex=2, cellRenderer="SipremsPlanName"),
        column("urgency", say("plan.column.urgency"), width=118, cellRenderer="SipremsUrgency", sort="asc"),
        column(
            "stock",
            say("plan.column.stock"),
            number=True,
            width=104,
            cellRenderer="SipremsStock",
            sortable=False,
        ),
        column("stockout_date", say("plan.column.ends"), width=122),
        column(
            "recommended",
            say("plan.column.order"),
            number=True,
            width=128,
            cellRenderer="SipremsOrder",
            editable=edits,
            **(editor if edits else {}),
        ),
        column("value", say("plan.column.value"), number=True, width=104),
        column(
            "reason",
            say("plan.column.reason"),
            minWidth=260,
            flex=4,
            sortable=False,
            cellRenderer="SipremsReason",
        ),
        *(own if edits else []),
    ]
    chooses = {
        "mode": "multiRow",
        "checkboxes": True,
        "headerCheckbox": False,
        "enableClickSelection": False,
        "isRowSelectable": {"function": "params.data ? params.data.recommended > 0 : false"},
    }
    return dag.AgGrid(
        id=GRID,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.sku",
        dashGridOptions={
            **GRID_OPTIONS,
            "rowHeight": ROW_HEIGHT,
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 20,
            "infiniteInitialRowCount": 12,
            "singleClickEdit": True,
            "stopEditingWhenCellsLoseFocus": True,
            **({"rowSelection": chooses} if edits else {}),
        },
        className="grid plan-grid",
        style={"height": "calc(100vh - 490px)", "minHeight": 400},
    )


def _order() -> list[Component]:
    if not may(Role.ANALYST):
        return []
    return [
        dmc.Button(
            say("plan.order_all"),
            id="plan-order",
            leftSection=icon("cart"),
            **{"data-all": say("plan.order_all"), "data-some": say("plan.order_some")},
        )
    ]


def register(callbacks: Callbacks) -> None:
    """Rows as they are scrolled to, and asking again when a filter changes."""

    @callbacks.on(
        Output(GRID, "getRowsResponse"),
        Output("plan-count", "children"),
        Input(GRID, "getRowsRequest"),
        State(CHANGES, "data"),
        *STATES,
        prevent_initial_call=True,
    )
    def rows(asked: dict[str, Any] | None, typed: Changes | None, *filters: Any) -> Any:
        if asked is None:
            return no_update, no_update
        request = PageRequest(int(asked["startRow"]) // BLOCK + 1, BLOCK)
        found = views.page(request, _sort(asked), **wanted(filters))
        answer = [row(line, typed, found.plan_date) for line in found.items]
        return {"rowData": answer, "rowCount": found.total}, say("plan.found", count=found.total)

    callbacks.in_browser(
        "search_grid",
        Input("plan-search", "value"),
        Input("plan-category", "value"),
        Input("plan-show", "value"),
        Input("do-plan-supplier", "data"),
        Input("plan-budget", "value"),
        Input("plan-made", "data"),
        State(GRID, "id"),
        prevent_initial_call=True,
    )
    callbacks.in_browser("show_own_reasons", Input(CHANGES, "data"), State(GRID, "id"))
    callbacks.in_browser("fit_plan", Input(GRID, "id"), Input(GRID, "getRowsRequest"))
    callbacks.in_browser(
        "count_chosen",
        Output("plan-order", "children"),
        Input(GRID, "selectedRows"),
        State("plan-order", "id"),
    )


def _sort(asked: dict[str, Any]) -> str:
    model = asked.get("sortModel") or [{}]
    name = str(model[0].get("colId"))
    if name not in SORTS:
        return "urgency"
    # Large quantities and values come first where the service sorts upwards.
    turned = (model[0].get("sort") == "desc") != (name in {"recommended", "value"})
    return ("-" if turned else "") + name

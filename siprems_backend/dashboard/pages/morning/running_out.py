"""What runs out before a delivery can come, and what to order of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, counted, money, say
from siprems_backend.dashboard.pages.plan.rows import ends
from siprems_backend.dashboard.pages.plan.why import why
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services.replenishment.views import PlanPage

# As many as a laptop shows without scrolling.
SHOWN = 5


def figures(day: Mapping[str, Any], products: int) -> list[Component]:
    """What to order today, and how many products do not last until it comes."""
    return [
        figure(
            say("morning.to_order"),
            money(day["order_value"]),
            say("morning.lines_suppliers", count=day["to_order"], suppliers=day["suppliers"]),
        ),
        figure(
            say("morning.short"),
            amount(day["runs_out"]),
            say("morning.of_products", count=products),
        ),
    ]


def layout(found: PlanPage) -> Component:
    """The most urgent lines of the plan."""
    if not found.total:
        return section(
            say("morning.order_today"),
            empty("check", say("morning.all_covered"), say("morning.all_covered_advice")),
        )
    heads = [say(f"morning.column.{name}") for name in ("product", "stock", "ends", "order")]
    more = dmc.Anchor(say("morning.see_all", count=found.total), href=path_to("plan"), size="sm")
    rows = [_row(line, found.plan_date) for line in found.items]
    return section(
        say("morning.order_today"),
        html.Div(table(heads, rows, right={1, 3}, less={1}), className="urgent"),
        action=more,
        lead=say("morning.order_lead"),
    )


def _row(line: Any, today: dt.date) -> list[Any]:
    name = dmc.Anchor(line.name, href=path_to("products", line.sku), fw=550, c="inherit", size="sm")
    return [
        html.Div([name, dmc.Text(why(line, today), size="xs", c="dimmed", className="one-line")]),
        amount(round(line.current_stock, 1)),
        html.Span(ends(line, today), className=f"ends {line.urgency_name}"),
        html.B(counted(line.recommended, line.unit), className="no-wrap"),
    ]

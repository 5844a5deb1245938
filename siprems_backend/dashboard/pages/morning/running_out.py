"""What runs out before the next delivery, and how much of it to order."""

from __future__ import annotations

import math
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.parts.figures import figure
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.risk import risk_bar
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import stock_outlook
from siprems_backend.services.stock_outlook import DAYS, LOW, Counts, OutlookLine
from siprems_backend.utils.pagination import PageRequest

# As many as a laptop shows without scrolling.
SHOWN = 8


def figures(counts: Counts) -> list[Component]:
    """How many products are short, and how many are gone already."""
    return [
        figure(
            say("morning.short", days=DAYS),
            amount(counts.high),
            say("morning.perhaps", count=counts.medium),
            color="var(--warn)" if counts.medium else None,
        ),
        figure(
            say("morning.sold_out"),
            amount(counts.sold_out),
            say("morning.of_products", count=counts.products),
        ),
    ]


def layout() -> Component:
    """The products most likely to run out, and what to order of them."""
    found = stock_outlook.page(PageRequest(1, SHOWN), "-risk", least_risk=LOW)
    if not found.total:
        return section(
            say("morning.order_today"),
            empty("check", say("morning.all_covered"), say("morning.all_covered_advice")),
        )
    heads = [say(f"morning.column.{name}") for name in ("product", "stock", "demand", "risk", "order")]
    more = dmc.Anchor(
        say("morning.see_all", count=found.total), href=path_to("products", show="risk"), size="sm"
    )
    rows = [_row(line) for line in found.items]
    return section(
        say("morning.order_today"),
        table(heads, rows, right={1, 2, 4}, less={1, 2}),
        action=more,
        lead=say("morning.order_lead", days=DAYS),
    )


def _row(line: OutlookLine) -> list[Any]:
    name = dmc.Anchor(line.name, href=path_to("products", line.sku), fw=550, c="inherit", size="sm")
    needed = max(0.0, (line.likely_most or 0.0) - max(line.stock, 0.0))
    return [
        html.Div([name, dmc.Text(line.category or line.sku, size="xs", c="dimmed")]),
        amount(line.stock),
        amount(line.demand),
        risk_bar(line.risk),
        dmc.Text(f"{amount(math.ceil(needed))} {line.unit}", fw=600, size="sm"),
    ]

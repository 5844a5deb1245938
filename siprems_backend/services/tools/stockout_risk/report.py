"""Risks as a page and as rows of a table."""

from __future__ import annotations

import itertools
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from siprems_backend.services.export_files import Column
from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.charts import Line
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.report_pages.words import units
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.stockout_risk.measuring import LONGEST, Findings, Risk

# More rows make a page slow to open; the table beside it has all.
MOST_ROWS = 300
MOST_LEFT_OUT = 20
EDGES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("demand_class", "text"),
    Column("days", "number"),
    Column("stock", "number"),
    Column("coming_in_time", "number"),
    Column("probability", "number"),
    Column("expected_demand", "number"),
    Column("demand_at_worst", "number"),
    Column("missing_units", "number"),
    Column("missing_value", "number"),
    Column("runs_out", "date"),
    Column("lasts_days", "number"),
)
DIGITS = 4


def row(risk: Risk) -> list[Any]:
    """A product in the order of the columns."""
    product = risk.product
    return [
        product.sku,
        product.name,
        product.category,
        product.demand_class,
        risk.days,
        product.stock,
        round(risk.coming, DIGITS),
        round(risk.probability, DIGITS),
        round(risk.expected, DIGITS),
        round(risk.at_worst, DIGITS),
        round(risk.missing, DIGITS),
        None if risk.missing_value is None else round(risk.missing_value, DIGITS),
        risk.runs_out,
        risk.covered_days,
    ]


def page(found: Findings, parameters: Parameters) -> str:
    """The whole page."""
    shown = [risk for risk in found.risks if risk.probability >= EDGES[1]]
    return render(
        Path(__file__).with_name("report.html"),
        found=found,
        parameters=parameters,
        by_day=_by_day(found),
        spread=_spread(found),
        categories=_categories(found),
        rows=shown[:MOST_ROWS],
        shown=len(shown),
        most_left_out=MOST_LEFT_OUT,
    )


def _by_day(found: Findings) -> Markup | None:
    """How many products will have run out by day, without any delivery; None where there are none."""
    if not found.risks:
        return None
    last = found.out_by_day[-1]
    title = f"Products that have run out by day if nothing is delivered: {units(last)} after {LONGEST} days."
    ds = np.datetime64(found.today) + np.arange(1, LONGEST + 1)
    marks = np.unique(np.array(found.deliveries, dtype="datetime64[D]"))
    return charts.lines(title, ds, [Line("Run out", found.out_by_day, "served")], marks=marks)


def _spread(found: Findings) -> Markup | None:
    """How many products run out how probably."""
    if not found.risks:
        return None
    places = np.searchsorted(EDGES, [risk.probability for risk in found.risks], side="right") - 1
    counts = np.bincount(np.minimum(places, len(EDGES) - 2), minlength=len(EDGES) - 1).astype(float)
    labels = [f"{100 * low:.0f}–{100 * high:.0f} %" for low, high in itertools.pairwise(EDGES)]
    title = "Number of products by the probability of running out."
    return charts.bars(title, labels, [Line("Products", counts, "served")], lambda value: f"{value:.0f}")


def _categories(found: Findings) -> list[tuple[str | None, int, int, float, float]]:
    """Products, those at risk, and what is missing in units and money, by category, the worst first."""
    groups: dict[str | None, list[Risk]] = defaultdict(list)
    for risk in found.risks:
        groups[risk.product.category].append(risk)
    rows = [
        (
            name,
            len(risks),
            sum(risk.probability >= found.at_risk_from for risk in risks),
            sum(risk.missing for risk in risks),
            sum(risk.missing_value or 0.0 for risk in risks),
        )
        for name, risks in groups.items()
    ]
    return sorted(rows, key=lambda each: (-each[4], -each[3], each[0] or ""))

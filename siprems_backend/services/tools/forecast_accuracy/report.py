"""The report as a page of HTML, without a script."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.charts import Line
from siprems_backend.services.report_pages.rendering import render
from siprems_backend.services.report_pages.words import percent, units
from siprems_backend.services.tools.forecast_accuracy.findings import Findings, Review, Series
from siprems_backend.services.tools.forecast_accuracy.watched import Watched

# More rows make a page slow to open; the table beside it has all.
MOST_ROWS = 300
MOST_LEFT_OUT = 20
SMALL = (350.0, 150.0)
BINS = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5])


def page(found: Findings, really: Watched) -> str:
    """The whole page; names of products are escaped wherever they stand."""
    return render(
        Path(__file__).with_name("report.html"),
        found=found,
        really=really,
        really_by_day=_really_by_day(really),
        period=found.period,
        overall=found.overall,
        naive=found.overall_naive,
        saved=_saved(found),
        by_day=_by_day(found),
        ahead=_ahead(found),
        spread=_spread(found),
        worst=[(series.seller, _product_chart(series, found)) for series in found.worst],
        rows=_rows(found),
        most_left_out=MOST_LEFT_OUT,
    )


def _really_by_day(really: Watched) -> Markup | None:
    """Error of the forecasts that were made, by day; None where two days cannot be drawn yet."""
    days = [day for day in really.timeline if day.wape is not None]
    if len(days) < 2:
        return None
    errors = np.array([100.0 * day.wape for day in days])
    title = f"Error of the forecasts that were made, in percent: {errors[-1]:.1f} on the last day."
    ds = np.array([day.date for day in days], dtype="datetime64[D]")
    return charts.lines(title, ds, [Line("Error", errors, "served")])


def _saved(found: Findings) -> float:
    """Share of the naive forecast's error that ours does not make; negative where it makes more."""
    return 1.0 - found.overall.wape / found.overall_naive.wape if found.overall_naive.wape > 0 else math.nan


def _by_day(found: Findings) -> Markup:
    seen = found.totals.seen
    actual, served, naive = found.totals.by_day[seen].T
    drawn = [Line("Naive", naive, "naive"), Line("Sold", actual, "sold"), Line("Forecast", served, "served")]
    title = (
        f"Units of all products by {found.period.step}: sold {units(actual.sum())}, forecast "
        f"{units(served.sum())}, by the naive forecast {units(naive.sum())}."
    )
    return charts.lines(title, found.period.days[seen], drawn, marks=found.period.cutoffs)


def _ahead(found: Findings) -> Markup:
    sold, missed, naive = found.totals.ahead.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ours, theirs = missed / sold, naive / sold
    groups = [Line("Forecast", ours, "served"), Line("Naive", theirs, "naive")]
    title = (
        f"Error by {found.period.step}s ahead: {percent(ours[0])} on the first, {percent(ours[-1])} on the "
        f"last; the naive forecast {percent(theirs[0])} and {percent(theirs[-1])}."
    )
    return charts.bars(title, [str(1 + place) for place in range(len(sold))], groups, charts.percent)


def _spread(found: Findings) -> Markup:
    """How many products have which error."""
    labels = [f"{100 * low:.0f}–{100 * high:.0f} %" for low, high in itertools.pairwise(BINS)]
    groups = [
        Line(name, _counts([getattr(review, which).wape for review in found.reviews]), style)
        for name, which, style in (("Forecast", "served", "served"), ("Naive", "naive", "naive"))
    ]
    title = "Number of products by error, of the forecast and of the naive forecast."
    return charts.bars(title, [*labels, "more"], groups, lambda value: f"{value:.0f}")


def _counts(errors: list[float]) -> Any:
    known = np.array([error for error in errors if math.isfinite(error)])
    place = np.searchsorted(BINS, known, side="right") - 1
    return np.bincount(place, minlength=len(BINS)).astype(float)


def _product_chart(series: Series, found: Findings) -> Markup:
    drawn = [Line("Sold", series.actual, "sold"), Line("Forecast", series.yhat, "served")]
    missed = float(np.abs(series.actual - series.yhat).sum())
    title = f"{series.seller.sku}: sold {units(series.actual.sum())}, missed {units(missed)} units."
    band = series.lower, series.upper
    return charts.lines(title, series.ds, drawn, band=band, marks=found.period.cutoffs, size=SMALL)


def _rows(found: Findings) -> list[Review]:
    return sorted(found.reviews, key=lambda review: -review.missed)[:MOST_ROWS]

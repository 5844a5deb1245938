"""A variant of the forecaster on one set: figures, coverage by class and CPU time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks.accuracy.sets import SalesSet
from benchmarks.accuracy.variants import Variant
from siprems_engine.forecasting.shop.demand_class import DemandClass, members
from siprems_engine.forecasting.shop.folds import by_engines, eligible
from siprems_engine.forecasting.shop.scores import Measured, Scores, measure, summarise


@dataclass(frozen=True)
class Found:
    """Scores in all and by demand class, and CPU milliseconds a product and fold, scored or not."""

    scores: Scores
    by_class: dict[DemandClass, Scores]
    milliseconds: float


def run(sales: SalesSet, variant: Variant) -> Found:
    """Forecast all folds of a set; scores are always by what really sold."""
    grid = sales.files.grid
    parts: list[Measured] = []
    by_class: dict[DemandClass, list[Measured]] = {each: [] for each in DemandClass}
    forecast, started = 0, time.process_time()
    with variant.applied():
        folds = list(sales.folds(by_engines(variant.engines), variant.grid(grid)))
    seconds = time.process_time() - started
    for each in folds:
        forecast += len(eligible(grid, each.last))
        parts.append(measure(grid, each))
        for kind, products in members(grid, each.last, each.products).items():
            by_class[kind].append(measure(grid, each.of(products)))
    classes = {kind: summarise(found) for kind, found in by_class.items()}
    return Found(summarise(parts), classes, 1000.0 * seconds / max(forecast, 1))

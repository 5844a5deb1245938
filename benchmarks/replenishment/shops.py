"""Sets of sales as courses to replay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy.sets import EXCLUDED, find
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.shop_files import read
from siprems_engine.forecasting.shop.folds import eligible
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.figures import Prices
from siprems_engine.inventory.replay.forecasts import Rolling
from siprems_engine.inventory.replay.levels import levels_of_plan
from siprems_engine.inventory.replay.run import Outcome, Replay
from siprems_engine.inventory.terms import Terms

SETS = (
    "italian_pasta_daily",
    "complete_journey_daily",
    "uci_online_retail_daily",
    "breakfast_frat_weekly",
    "brazil_sku_stock_daily",
)
REVIEW_DAYS, SERVICE = 7.0, 0.95
FEW_PRODUCTS, MORE_REVIEWS = 10, 4


@dataclass(frozen=True, eq=False)
class Replayed:
    """A set with one lead time, and what became of each rule; seconds are those of CPU for forecasts and
    for everything else, shared by all lead times of the set.
    """

    name: str
    lead: float
    outcomes: Sequence[Outcome]
    forecasting: float
    replaying: float


def replay(folder: Path, leads: Sequence[float], reviews: int) -> list[Replayed]:
    """Replay the last reviews of a set, once for each lead time and all from the same forecasts."""
    course = _course(folder, reviews)
    grid = course.grid
    blind = grid.out_of_stock is not None
    runs = [_run(course, lead, blind=blind) for lead in leads]
    horizon = int(np.ceil((max(leads) + REVIEW_DAYS) / grid.step.days))
    rolling = [Rolling(grid, course.products, horizon)]
    if blind:
        rolling.append(Rolling(replace(grid, out_of_stock=None), course.products, horizon))
    forecasting, replaying = _Clock(), _Clock()
    for place in course.places:
        with forecasting:
            ahead = [each.at(place) for each in rolling]
        with replaying:
            for run in runs:
                run.review(*ahead)
    with replaying:
        outcomes = [run.outcomes() for run in runs]
    return [
        Replayed(folder.name, lead, found, forecasting.seconds, replaying.seconds)
        for lead, found in zip(leads, outcomes, strict=True)
    ]


def _course(folder: Path, reviews: int) -> Course:
    """Return the end of a set's past, of the products that had sold often enough when it begins."""
    events, plan = find(folder, "events"), find(folder, "promotions")
    stock = find(folder, "stock_history")
    files = read(EvaluationRequest(_required(folder), 1, 1, events=events, promotions=plan, stock=stock))
    # A few products have few cycles, of which more are needed to tell anything.
    reviews *= MORE_REVIEWS if len(files.skus) < FEW_PRODUCTS else 1
    first = len(files.grid.days) - 1 - reviews * int(REVIEW_DAYS) // files.grid.step.days
    excluded = EXCLUDED.get(folder.name, set())
    products = np.array([row for row in eligible(files.grid, first) if files.skus[row] not in excluded])
    terms = Terms.of(len(products), review=REVIEW_DAYS, service_level=SERVICE)
    return Course(files.grid, products, first, reviews, terms)


def _run(course: Course, lead: float, *, blind: bool) -> Replay:
    terms = replace(course.terms, lead_mean=np.full(len(course.products), lead))
    prices = Prices.of_terms(terms, course.grid.step.days)
    told = replace(course, terms=terms)
    return Replay(told, prices, blind=blind, aims=levels_of_plan(told))


class _Clock:
    """CPU seconds of what is done within it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self._started


def _required(folder: Path) -> Path:
    sales = find(folder, "sales")
    if sales is None:
        raise SystemExit(f"There is no sales.csv or sales.csv.gz in {folder}.")
    return sales

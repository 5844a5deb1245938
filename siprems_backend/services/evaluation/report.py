"""Forecast a file of sales out of sample, write the forecasts and say how good they were."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation import shop_files
from siprems_backend.services.evaluation.forecast_file import ForecastFile
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.shop_files import ShopFiles
from siprems_backend.services.progress import OnProgress, unreported
from siprems_engine.forecasting import EngineError
from siprems_engine.forecasting.shop.by_product import NAMES as BY_PRODUCT
from siprems_engine.forecasting.shop.by_product import by_prophet
from siprems_engine.forecasting.shop.folds import Fold, Forecaster, by_engines, cutoffs, fold
from siprems_engine.forecasting.shop.scores import Scores, score

NAIVE = "seasonal-naive"
MOST_CATEGORIES = 12


@dataclass(frozen=True)
class Line:
    """One row of the table: who forecast what, how well, and in how many CPU seconds a product and fold."""

    name: str
    scores: Scores
    seconds: float | None


@dataclass(frozen=True)
class Evaluation:
    """The engine's line, that of the seasonal naive forecast, and the engine's for each category."""

    step: str
    products: int
    lines: list[Line]


def evaluate(request: EvaluationRequest, output: Path, on_progress: OnProgress = unreported) -> Evaluation:
    """Forecast every cut-off from the sales up to it, into `output`; raises `Invalid` for useless files."""
    shop = shop_files.read(request)
    forecaster = _forecaster(request, shop)
    try:
        places = cutoffs(shop.grid, request.horizon, request.cutoffs)
        with ForecastFile(output) as file:
            folds, seconds = [], 0.0
            for number, place in enumerate(places):
                on_progress(number, len(places), str(shop.grid.days[place]))
                started = time.process_time()
                folds.append(fold(shop.grid, place, request.horizon, forecaster))
                seconds += time.process_time() - started
                file.add(shop, folds[-1])
        naive = [fold(shop.grid, place, request.horizon, by_engines([NAIVE])) for place in places]
    except EngineError as error:
        raise Invalid(str(error)) from error
    on_progress(len(places), len(places))
    return Evaluation(
        shop.grid.step.value, len(shop.skus), list(_lines(request, shop, folds, naive, seconds))
    )


def _forecaster(request: EvaluationRequest, shop: ShopFiles) -> Forecaster:
    if request.engines[0] in BY_PRODUCT:
        return by_prophet(request.engines[0], shop.events)
    return by_engines(request.engines)


def _lines(
    request: EvaluationRequest, shop: ShopFiles, folds: list[Fold], naive: list[Fold], seconds: float
) -> Iterator[Line]:
    overall = score(shop.grid, folds)
    yield Line("+".join(request.engines), overall, seconds / max(overall.product_folds, 1))
    yield Line(NAIVE, score(shop.grid, naive), None)
    largest = sorted(shop.categories, key=lambda name: (-len(shop.categories[name]), name))
    for name in largest[:MOST_CATEGORIES]:
        yield Line(f"category {name}", score(shop.grid, folds, shop.categories[name]), None)

"""Forecast a file of sales out of sample, write the forecasts and say how good they were."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation import shop_files
from siprems_backend.services.evaluation.forecast_file import forecast_file
from siprems_backend.services.evaluation.lines import Breakdown, Line, Measuring
from siprems_backend.services.evaluation.pictures import Pictures
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.shop_files import ShopFiles
from siprems_backend.services.progress import OnProgress, unreported
from siprems_engine.forecasting import EngineError
from siprems_engine.forecasting.shop.by_product import NAMES as BY_PRODUCT
from siprems_engine.forecasting.shop.by_product import by_prophet
from siprems_engine.forecasting.shop.folds import FEWEST_SALES, Fold, Forecaster, by_engines, cutoffs, fold

NAIVE = "seasonal-naive"


@dataclass(frozen=True)
class Evaluation:
    """The engine's line and that of the seasonal naive forecast, and the engine's by parts of the shop."""

    step: str
    products: int
    lines: list[Line]
    by_category: list[Line] = field(default_factory=list)
    by_class: list[Line] = field(default_factory=list)
    by_part: list[Line] = field(default_factory=list)
    pictures: int = 0


def evaluate(request: EvaluationRequest, output: Path, on_progress: OnProgress = unreported) -> Evaluation:
    """Forecast every cut-off from the sales up to it, into `output`; raises `Invalid` for useless files.

    `output` is complete or not there at all. Pictures are drawn when it is.
    """
    shop = shop_files.read(request)
    pictures = Pictures(shop, request)
    try:
        places = cutoffs(shop.grid, request.horizon, request.cutoffs)
        run = _Run(request, shop, pictures)
        steps = len(places) + len(pictures.products)
        with forecast_file(output, shop) as file:
            for number, place in enumerate(places):
                on_progress(number, steps, str(shop.grid.days[place]))
                file.add(run.fold(place))
            found = run.evaluation()
    except EngineError as error:
        raise Invalid(str(error)) from error
    for number, sku in enumerate(pictures.draw()):
        on_progress(len(places) + number, steps, sku)
    on_progress(steps, steps)
    return found


class _Run:
    """The engine asked for beside the naive one, cut-off by cut-off."""

    def __init__(self, request: EvaluationRequest, shop: ShopFiles, pictures: Pictures) -> None:
        self._request, self._shop, self._pictures = request, shop, pictures
        self._name = "+".join(request.engines)
        self._lines = Measuring(shop.grid)
        self._breakdown = Breakdown(shop.grid, request.horizon, shop.categories)
        self._forecaster = _forecaster(request, shop)

    def fold(self, place: int) -> Fold:
        """Forecast and measure one cut-off; return the engine's forecasts."""
        made = self._timed(self._name, place, self._forecaster)
        self._timed(NAIVE, place, by_engines([NAIVE]))
        self._breakdown.add(made)
        self._pictures.add(made)
        return made

    def evaluation(self) -> Evaluation:
        """Return all lines; raises `Invalid` if there is nothing to tell."""
        shop, parts = self._shop, self._breakdown
        lines = self._lines.lines()
        if not lines:
            raise Invalid(f"No SKU sold on {FEWEST_SALES} {shop.grid.step}s before any of the cut-offs.")
        details = parts.by_category.lines(), parts.by_class.lines(), parts.by_part.lines()
        step, pictures = shop.grid.step.value, len(self._pictures.products)
        return Evaluation(step, len(shop.skus), lines, *details, pictures)

    def _timed(self, name: str, place: int, forecaster: Forecaster) -> Fold:
        started = time.process_time()
        made = fold(self._shop.grid, place, self._request.horizon, forecaster)
        self._lines.add(name, made, time.process_time() - started)
        return made


def _forecaster(request: EvaluationRequest, shop: ShopFiles) -> Forecaster:
    if request.engines[0] in BY_PRODUCT:
        return by_prophet(request.engines[0], shop.events)
    return by_engines(request.engines)

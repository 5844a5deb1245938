"""Running a simulation on a shop's calendar, wherever it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.simulation.conditions import Conditions
from siprems_backend.services.simulation.results import Simulation
from siprems_engine.forecasting import EngineError
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import AUTO
from siprems_engine.forecasting.shop.folds import FEWEST_SALES, eligible
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.figures import Prices
from siprems_engine.inventory.replay.forecasts import Rolling
from siprems_engine.inventory.replay.levels import levels_of_plan
from siprems_engine.inventory.replay.run import Replay


def simulate(
    grid: Grid,
    skus: Sequence[str],
    conditions: Conditions,
    *,
    own: Mapping[str, Floats] | None = None,
    engines: Sequence[str] = (AUTO,),
    on_progress: OnProgress = unreported,
) -> Simulation:
    """Replay the end of a shop's past, of the products that had sold often enough when it begins.

    Where the grid knows when stock ran out there is a plan that knows it and one that does not. `own` are
    terms of the single products, (N,) each. Raises `Invalid` if there is too little past, or terms make no
    sense.
    """
    try:
        course, aims = _course(grid, conditions, own or {})
        return _run(course, aims, [skus[row] for row in course.products], engines, on_progress)
    except EngineError as error:
        raise Invalid(str(error)) from error


def _course(grid: Grid, conditions: Conditions, own: Mapping[str, Floats]) -> tuple[Course, Floats]:
    period = max(1, conditions.review_days // grid.step.days)
    first = len(grid.days) - 1 - conditions.reviews * period
    products = eligible(grid, first) if first > 0 else np.zeros(0, dtype=np.int64)
    if not len(products):
        raise Invalid(
            f"Before the first of {conditions.reviews} reviews no product had sold in {FEWEST_SALES} "
            f"{grid.step}s; replay fewer reviews."
        )
    chosen = {name: values[products] for name, values in own.items()}
    course = Course(grid, products, first, conditions.reviews, conditions.terms(len(products), chosen))
    said = np.isfinite(chosen.get("service_level", np.full(len(products), np.nan)))
    return course, levels_of_plan(course, said)


def _run(
    course: Course, aims: Floats, skus: list[str], engines: Sequence[str], on_progress: OnProgress
) -> Simulation:
    grid = course.grid
    blind = grid.out_of_stock is not None and bool(grid.out_of_stock.any())
    running = Replay(course, Prices.of_terms(course.terms, grid.step.days), blind=blind, aims=aims)
    terms = course.told
    horizon = int(np.ceil((terms.lead_mean + terms.review).max() / grid.step.days))
    rolling = [Rolling(grid, course.products, horizon, engines)]
    if blind:
        rolling.append(Rolling(replace(grid, out_of_stock=None), course.products, horizon, engines))
    for number, place in enumerate(course.places):
        on_progress(number, course.reviews, str(grid.days[place]))
        running.review(*(each.at(place) for each in rolling))
    on_progress(course.reviews, course.reviews, "")
    in_money = bool(np.isfinite(terms.unit_cost + terms.price).all())
    return Simulation(course, skus, running.outcomes(), in_money)

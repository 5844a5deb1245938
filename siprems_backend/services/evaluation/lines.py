"""The rows of the tables that an evaluation prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.shop.demand_class import DemandClass
from siprems_engine.forecasting.shop.demand_class import members as class_members
from siprems_engine.forecasting.shop.folds import Fold, horizon_parts
from siprems_engine.forecasting.shop.scores import Measured, Scores, measure, summarise

MOST_CATEGORIES = 12


@dataclass(frozen=True)
class Line:
    """One row of a table: who forecast what, how well, and in how many CPU seconds a product and fold."""

    name: str
    scores: Scores
    seconds: float | None = None


class Measuring:
    """Measures fold after fold, so that none of them need be kept."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._found: dict[str, list[Measured]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, name: str, fold: Fold, seconds: float | None = None) -> None:
        """Measure a fold for the row of that name."""
        self._found.setdefault(name, []).append(measure(self._grid, fold))
        if seconds is not None:
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    def lines(self) -> list[Line]:
        """Return the rows in the order in which their names came up, those without any product left out."""
        made = [(name, summarise(parts)) for name, parts in self._found.items()]
        return [
            Line(name, scores, self._seconds_each(name, scores))
            for name, scores in made
            if scores.product_folds
        ]

    def _seconds_each(self, name: str, scores: Scores) -> float | None:
        seconds = self._seconds.get(name)
        return None if seconds is None else seconds / scores.product_folds


class Breakdown:
    """One engine's forecasts by category, by demand class and by the distance ahead."""

    def __init__(self, grid: Grid, horizon: int, categories: Mapping[str, NDArray[np.int64]]) -> None:
        self._grid = grid
        self._parts = horizon_parts(horizon)
        largest = sorted(categories, key=lambda name: (-len(categories[name]), name))
        self._categories = {name: categories[name] for name in largest[:MOST_CATEGORIES]}
        self.by_category, self.by_class, self.by_part = Measuring(grid), Measuring(grid), Measuring(grid)

    def add(self, fold: Fold) -> None:
        """Measure a fold in parts; a product's class is that at the cut-off."""
        for name, products in self._categories.items():
            self.by_category.add(f"category {name}", fold.of(products))
        classes = class_members(self._grid, fold.last, fold.products)
        for each in DemandClass:
            self.by_class.add(each.value, fold.of(classes[each]))
        for first, last in self._parts:
            self.by_part.add(f"{self._grid.step} {first} to {last}", fold.between(first, last))

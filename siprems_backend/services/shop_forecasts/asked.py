"""What a forecast of products is made from, and making it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_backend.services.demand import Demand
from siprems_backend.services.shop_forecasts.opening import open_ahead
from siprems_backend.services.shop_forecasts.rows import MadeForecasts
from siprems_backend.services.task_registry import fence
from siprems_engine.forecasting.learned import LearnedModel, engine_of
from siprems_engine.forecasting.shop import forecast_shop
from siprems_engine.forecasting.shop.ceilings import ceilings
from siprems_engine.forecasting.shop.components import components
from siprems_engine.forecasting.shop.forecast import unheard


@dataclass(frozen=True, eq=False)
class Learned:
    """A learned model that takes part, and the checksum of its file."""

    model: LearnedModel
    checksum: str

    @property
    def name(self) -> str:
        """The engine that it is."""
        return self.model.recipe.model_type


class Asked:
    """Products, the horizon, and the engines that are to forecast, a learned one perhaps among them.

    A learned model of shops that sell by another step is left out.
    """

    def __init__(
        self, demand: Demand, horizon: int, engines: Sequence[str] = (), learned: Learned | None = None
    ) -> None:
        self.demand = demand
        grid = demand.grid.with_categories(category_codes(demand.categories))
        self.learned = learned if learned is not None and learned.model.step is grid.step else None
        self.engines = (*engines, *([] if self.learned is None else [self.learned.name]))
        self.panel = grid.panel(demand.last, horizon)
        self._is_open = open_ahead(demand.grid, demand.last, horizon)
        self.data_hash = self._hash()

    def _hash(self) -> str:
        demand = self.demand
        parts: tuple[object, ...] = (
            self.panel.digest(),
            self._is_open.tobytes().hex(),
            demand.product_ids,
            demand.untold.tolist(),
        )
        if self.learned is not None:
            parts = (*parts, self.learned.checksum)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def answered_by(self, made: Collection[int]) -> int:
        """How many products have their forecast, if these do; 0 unless they are all that ever sold."""
        ids = np.array(self.demand.product_ids)
        sold = set(ids[self.panel.known.any(axis=1)].tolist())
        return len(made) if sold <= set(made) else 0

    def made(self, on_step: Callable[[], None] = unheard) -> MadeForecasts:
        """Make it."""
        learned = self.learned
        more = {} if learned is None else {learned.name: engine_of(learned.name, learned.model.fits)}
        return MadeForecasts(
            self.demand,
            self.panel,
            forecast_shop(
                self.panel, engines=self.engines, open_ahead=self._is_open, more=more, on_step=on_step
            ),
            components(self.panel),
            self._is_open,
            ceilings(self.panel),
            self.data_hash,
            fence.running_task(),
        )


def category_codes(categories: Sequence[str | None]) -> NDArray[np.int64]:
    """Return a number for each category, (N,); -1 for none."""
    names = sorted({name for name in categories if name is not None})
    place = {name: code for code, name in enumerate(names)}
    return np.array([-1 if name is None else place[name] for name in categories], dtype=np.int64)

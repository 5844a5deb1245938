"""What several engines need, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import effects, last_year
from siprems_engine.forecasting.shop.effects import Effects
from siprems_engine.forecasting.shop.last_year import Movement
from siprems_engine.forecasting.shop.panel import Flags, Panel
from siprems_engine.forecasting.shop.running import Discounted, Sums
from siprems_engine.forecasting.shop.schedule import Schedule
from siprems_engine.forecasting.step import Step

# Half-lives of the discounted levels in periods, from nervous to sluggish.
HALF_LIVES = {Step.DAY: (5.0, 12.0, 28.0, 70.0, 180.0), Step.WEEK: (1.5, 3.0, 6.0, 13.0, 39.0)}


@dataclass(frozen=True, eq=False)
class Basis:
    """A panel with its effects, levels and sums; every part is made when it is first asked for."""

    panel: Panel
    schedule: Schedule

    @cached_property
    def effects(self) -> Effects:
        """Weekday and promotion factors."""
        return effects.estimate(self.panel)

    @cached_property
    def levels(self) -> list[Discounted]:
        """The discounted level of each half-life, without the effects."""
        table, origins = self.effects.table, self.schedule.all
        return [Discounted(self.panel, table, each, origins) for each in HALF_LIVES[self.panel.step]]

    @cached_property
    def sums(self) -> Sums:
        """Sums over windows of the past."""
        return Sums(self.panel)

    @cached_property
    def _movements(self) -> dict[int, Movement | None]:
        return {}

    def movement(self, origin: int) -> Movement | None:
        """Last year's movement after an origin; None without a year."""
        if origin not in self._movements:
            self._movements[origin] = last_year.movement(self.panel, self.sums, origin)
        return self._movements[origin]

    def factors(self, origin: int) -> Floats:
        """Return the effects after an origin, (N, H)."""
        return self.effects.table[:, origin + 1 : origin + 1 + self.panel.horizon]

    def history_is_enough(self, origin: int, periods: float) -> Flags:
        """Whether so many periods were known up to the origin, (N,)."""
        return self.sums.known(0, origin + 1) >= periods

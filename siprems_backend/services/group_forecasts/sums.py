"""What a group of products is expected to sell together: sums of their stored forecasts.

Sums are made when they are asked for, so that products always add up to their category and categories to the
shop, also after some products were forecast anew.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import group_forecast_queries as queries
from siprems_backend.models.group_forecast_queries import Cohort, Group
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.step import Step

# A forecast that covers less of the time of the newest ones has been left behind and would cut all short.
LEAST_COVERED = 0.5


@dataclass(frozen=True, eq=False)
class Sum:
    """What a group of products is expected to sell from `start` on, (H,), `step` apart.

    `counted` products are in it, `left_out` have no forecast of these days.
    """

    start: dt.date
    step: Step
    mean: Floats
    counted: int
    left_out: int
    made_at: dt.datetime


@dataclass(frozen=True)
class Window:
    """The periods that sums are of: H of them from `start` on."""

    start: dt.date
    step_days: int
    periods: int

    @classmethod
    def of(cls, cohorts: Sequence[Cohort]) -> Window:
        """Take the periods that all forecasts cover but those that were left behind."""
        newest = max(cohorts, key=lambda each: (each.start_date, each.products))
        found = cls(newest.start_date, newest.step_days, len(newest.mean))
        covered = [found.covered(each) for each in cohorts]
        return cls(found.start, found.step_days, min(part for part in covered if part))

    def covered(self, cohort: Cohort) -> int:
        """How many of the periods a cohort covers; 0 if too few of them, or others."""
        passed, rest = divmod((self.start - cohort.start_date).days, self.step_days)
        covered = min(len(cohort.mean) - passed, self.periods)
        fits = not rest and cohort.step_days == self.step_days and covered >= LEAST_COVERED * self.periods
        return covered if fits else 0

    def part(self, cohort: Cohort) -> Floats:
        """A cohort's sums in these periods, (H,)."""
        passed = (self.start - cohort.start_date).days // self.step_days
        return np.array(cohort.mean[passed : passed + self.periods])


def sums(group: Group) -> tuple[Sum, dict[str | None, Sum]]:
    """The group's sum, and the sums of its categories over the same periods."""
    with database.lookup() as connection:
        there = queries.products(connection, group)
        found = queries.cohorts(connection, group) if there else []
    if not there:
        raise _nothing_sold(group)
    if not found:
        raise NotFound(
            "No forecast of these products is stored yet; the nightly run makes them, or POST "
            "/tasks/training/all.",
            code="forecast_not_found",
        )
    window = Window.of(found)
    by_category: dict[str | None, list[Cohort]] = defaultdict(list)
    for cohort in found:
        by_category[cohort.category].append(cohort)
    sums = {name: _sum(window, some, there[name]) for name, some in by_category.items() if name in there}
    counted = sum(each.counted for each in sums.values())
    whole = Sum(
        window.start,
        Step.of_days(window.step_days),
        np.sum([each.mean for each in sums.values()], axis=0),
        counted,
        sum(there.values()) - counted,
        max(each.made_at for each in sums.values()),
    )
    return whole, sums


def _sum(window: Window, cohorts: Iterable[Cohort], there: int) -> Sum:
    cohorts = list(cohorts)
    taken = [each for each in cohorts if window.covered(each)]
    mean = np.sum([window.part(each) for each in taken], axis=0) if taken else np.zeros(window.periods)
    counted = sum(each.products for each in taken)
    made_at = max(each.made_at for each in cohorts)
    step = Step.of_days(window.step_days)
    return Sum(window.start, step, mean, counted, max(there - counted, 0), made_at)


def _nothing_sold(group: Group) -> NotFound:
    if group.everything:
        return NotFound("No product is sold yet; add or import products.", code="forecast_not_found")
    which = "without a category" if group.category is None else f"of the category '{group.category}'"
    return NotFound(f"No active product is {which}.", code="category_not_found")

"""How demand moved a year ago: against a loop, and for horizons of more than a year."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import forecast_shop
from siprems_engine.forecasting.shop.last_year import movement
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.running import Sums
from tests.engine.shop.shops import panel_of

# A year, periods that are averaged to each side, and those of the reference.
DAILY, WEEKLY = (364, 7, 28), (52, 0, 6)


def waves(horizon: int, step: Step, periods: int) -> Panel:
    """Three products that sell more in one half of the year than in the other."""
    year = 364 if step is Step.DAY else 52
    season = 1.0 + 0.6 * np.sin(2 * np.pi * np.arange(periods) / year)
    random = np.random.default_rng(5)
    return panel_of(random.poisson(np.array([[10.0], [40.0], [200.0]]) * season).astype(float), horizon, step)


@pytest.mark.parametrize(
    ("step", "horizon", "lengths"),
    [(Step.DAY, 14, DAILY), (Step.DAY, 364, DAILY), (Step.WEEK, 8, WEEKLY), (Step.WEEK, 52, WEEKLY)],
)
def test_a_movement_is_the_same_weeks_of_last_year_over_those_before(
    step: Step, horizon: int, lengths: tuple[int, int, int]
) -> None:
    year, reach, back = lengths
    panel = waves(horizon, step, 2 * year + 60)
    origin = panel.last - 3
    found = movement(panel, Sums(panel), origin)
    assert found is not None
    same = origin + 1 - year
    ratios = np.array(
        [
            [
                row[same + h - reach : min(same + h + reach, origin) + 1].mean()
                / row[same - back : same].mean()
                for h in range(horizon)
            ]
            for row in panel.units
        ]
    )
    np.testing.assert_allclose(found.shop[0], np.clip(ratios.mean(axis=0), 0.25, 4.0), rtol=1e-6)
    # The largest product sold enough to move as it did itself.
    np.testing.assert_allclose(found.own[2], np.clip(ratios[2], 0.25, 4.0), rtol=0.05)


def test_without_a_year_there_is_no_movement() -> None:
    panel = waves(14, Step.DAY, 364 + 27)
    assert movement(panel, Sums(panel), panel.last) is None


@pytest.mark.parametrize(("step", "horizon", "year"), [(Step.DAY, 400, 364), (Step.WEEK, 120, 52)])
def test_the_second_year_ahead_repeats_the_first(step: Step, horizon: int, year: int) -> None:
    panel = waves(horizon, step, 2 * year + 60)
    found = movement(panel, Sums(panel), panel.last)
    assert found is not None
    np.testing.assert_array_equal(found.own[:, year:], found.own[:, : horizon - year])
    made = forecast_shop(panel)
    assert np.isfinite(made.quantiles).all()

"""Single engines against loops over one product."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines import ENGINES
from siprems_engine.forecasting.shop.schedule import Schedule
from tests.engine.shop.shops import panel_of

HORIZON = 14


def basis_of(step: Step = Step.DAY, periods: int = 160) -> Basis:
    """Four products with gaps: closed days, days before the first row."""
    random = np.random.default_rng(21)
    units = random.poisson([[0.2], [1.0], [4.0], [20.0]], (4, periods)).astype(float)
    units[:, 30:33] = np.nan
    units[1, :50] = np.nan
    units[3, random.random(periods) < 0.1] = np.nan
    panel = panel_of(units, HORIZON, step)
    return Basis(panel, Schedule(panel))


def forecasts(name: str, basis: Basis) -> dict[int, np.ndarray]:
    """What an engine's first version says at every judged origin and at the end."""
    engine = ENGINES[name](basis)
    return {origin: engine.at(origin)[0] for origin in [*basis.schedule.judged, basis.panel.last]}


@pytest.mark.parametrize(
    ("step", "season", "periods"), [(Step.DAY, 7, 160), (Step.WEEK, 52, 160), (Step.WEEK, 52, 90)]
)
def test_seasonal_naive_repeats_the_last_season(step: Step, season: int, periods: int) -> None:
    basis = basis_of(step, periods)
    units = basis.panel.units
    for origin, made in forecasts("seasonal-naive", basis).items():
        for row in range(4):
            known = [value for value in units[row, : origin + 1] if not np.isnan(value)]
            latest = known[-1] if known else 0.0
            for ahead in range(HORIZON):
                place = origin + 1 + ahead
                while place > origin:
                    place -= season
                far = step is Step.WEEK and origin + 1 < 2 * season
                wanted = latest if far or place < 0 or np.isnan(units[row, place]) else units[row, place]
                assert made[row, ahead] == wanted


def mean_of_known(values: np.ndarray | list[float]) -> float:
    """0 where nothing is known."""
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / max(len(known), 1)


def test_window_average_is_the_mean_of_eight_weeks() -> None:
    basis = basis_of()
    for origin, made in forecasts("window-average", basis).items():
        window = basis.panel.units[:, max(0, origin + 1 - 56) : origin + 1]
        wanted = [[mean_of_known(row)] * HORIZON for row in window]
        np.testing.assert_allclose(made, wanted, atol=1e-12)


def test_seasonal_window_is_the_mean_of_the_weekday_over_eight_weeks() -> None:
    basis = basis_of()
    panel = basis.panel
    for origin, made in forecasts("seasonal-window", basis).items():
        window = range(max(0, origin + 1 - 56), origin + 1)
        for row in range(4):
            plain = mean_of_known([panel.units[row, t] for t in window])
            for ahead, place in enumerate(panel.ahead(origin)):
                same = [panel.units[row, t] for t in window if panel.weekday[t] == panel.weekday[place]]
                wanted = plain if np.isnan(same).all() else mean_of_known(same)
                np.testing.assert_allclose(made[row, ahead], wanted, atol=1e-12)


@pytest.mark.parametrize(("name", "factor"), [("croston", 1.0), ("sba", 0.95)])
def test_croston_smooths_sizes_and_gaps(name: str, factor: float) -> None:
    basis = basis_of()
    for origin, made in forecasts(name, basis).items():
        for row in range(4):
            size, gap, since, started = 0.0, 1.0, 0, False
            for units in basis.panel.units[row, : origin + 1]:
                if np.isnan(units):
                    continue
                since += 1
                if units > 0:
                    size, gap = (
                        (units, float(since))
                        if not started
                        else (size + 0.1 * (units - size), gap + 0.1 * (since - gap))
                    )
                    started, since = True, 0
            np.testing.assert_allclose(made[row], factor * size / gap)


def test_tsb_smooths_the_chance_of_a_sale_as_well() -> None:
    basis = basis_of()
    for origin, made in forecasts("tsb", basis).items():
        for row in range(4):
            size, chance, seen, started = 0.0, 0.0, 0, False
            for units in basis.panel.units[row, : origin + 1]:
                if np.isnan(units):
                    continue
                seen += 1
                chance += max(0.02, 1 / seen) * ((units > 0) - chance)
                if units > 0:
                    size, started = (size + 0.1 * (units - size) if started else units), True
            np.testing.assert_allclose(made[row], size * chance)


@pytest.mark.parametrize("name", list(ENGINES))
def test_a_level_that_never_moves_is_forecast_as_it_is(name: str) -> None:
    panel = panel_of(np.repeat([[3.0], [8.0]], 200, axis=1), HORIZON)
    basis = Basis(panel, Schedule(panel))
    engine = ENGINES[name](basis)
    factor = 0.95 if name == "sba" else 1.0
    for made in engine.at(panel.last):
        np.testing.assert_allclose(made, factor * np.array([[3.0], [8.0]]) * np.ones(HORIZON), rtol=0.02)


# The others multiply with weekday factors of the whole past, of what was after an origin as well.
@pytest.mark.parametrize(
    "name", ["seasonal-naive", "window-average", "seasonal-window", "croston", "sba", "tsb"]
)
def test_no_forecast_from_an_origin_of_the_past_knows_what_came_after_it(name: str) -> None:
    basis = basis_of()
    origin = basis.schedule.judged[-1]
    units = basis.panel.units.copy()
    units[:, origin + 1 :] = 999.0
    panel = panel_of(units, HORIZON)
    later = ENGINES[name](Basis(panel, Schedule(panel))).at(origin)
    for one, other in zip(ENGINES[name](basis).at(origin), later, strict=True):
        np.testing.assert_array_equal(one, other)

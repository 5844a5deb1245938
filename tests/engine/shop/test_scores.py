"""Figures against the plainest reading of their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import LEVELS, Grid
from siprems_engine.forecasting.shop.folds import Fold, Made
from siprems_engine.forecasting.shop.scores import score
from tests.engine.shop.shops import grid_of


def folds_of(grid: Grid, seed: int = 1) -> list[Fold]:
    """Forecasts that come from nowhere, at two cut-offs."""
    random = np.random.default_rng(seed)
    made = []
    for last in (len(grid.days) - 15, len(grid.days) - 29):
        periods = last + 1 + np.flatnonzero(grid.open[last + 1 : last + 15])
        products = np.flatnonzero((np.nan_to_num(grid.units[:, : last + 1]) > 0).sum(axis=1) >= 8)
        shape = len(products), len(periods)
        spread = np.sort(random.gamma(2.0, 2.0, (*shape, len(LEVELS))), axis=2)
        made.append(Fold(last, products, periods, Made(spread.mean(axis=2), spread, spread[:, 0])))
    return made


def by_hand(grid: Grid, folds: list[Fold], season: int) -> dict[str, float]:
    """One SKU, fold and period after the other."""
    total = {"absolute": 0.0, "error": 0.0, "sold": 0.0, "in95": 0, "in80": 0, "count": 0}
    scaled: dict[str, list[float]] = {"rmsse": [], "mase": [], "pinball": []}
    for each in folds:
        for row, product in enumerate(each.products):
            history = [
                (t, grid.units[product, t])
                for t in range(each.last + 1)
                if grid.open[t] and not np.isnan(grid.units[product, t])
            ]
            while history and history[0][1] == 0:
                history.pop(0)
            steps = np.diff([units for _, units in history])
            at = dict(history)
            pairs = [abs(units - at[t - season]) for t, units in history if t - season in at]
            usable = len(history) >= 2 * season and len(pairs) >= season and np.mean(pairs) > 0
            squares, absolutes, losses = [], [], []
            for column, period in enumerate(each.periods):
                actual, mean = grid.units[product, period], each.made.mean[row, column]
                spread = each.made.quantiles[row, column]
                total["absolute"] += abs(mean - actual)
                total["error"] += mean - actual
                total["sold"] += actual
                total["in95"] += spread[0] <= actual <= spread[6]
                total["in80"] += spread[1] <= actual <= spread[5]
                total["count"] += 1
                squares.append((mean - actual) ** 2)
                absolutes.append(abs(mean - actual))
                losses += [
                    level * (actual - q) if actual > q else (1 - level) * (q - actual)
                    for level, q in zip(LEVELS, spread, strict=True)
                ]
            if len(steps) and np.mean(steps**2) > 0:
                scaled["rmsse"].append(np.sqrt(np.mean(squares) / np.mean(steps**2)))
                scaled["pinball"].append(np.mean(losses) / np.mean(np.abs(steps)))
                scaled["mase"].append(
                    np.mean(absolutes) / (np.mean(pairs) if usable else np.mean(np.abs(steps)))
                )
    return {
        "wape": total["absolute"] / total["sold"],
        "bias": total["error"] / total["sold"],
        "coverage_95": total["in95"] / total["count"],
        "coverage_80": total["in80"] / total["count"],
        **{name: float(np.mean(values)) for name, values in scaled.items()},
    }


@pytest.mark.parametrize(
    ("step", "season", "periods"), [(Step.DAY, 7, 90), (Step.WEEK, 52, 160), (Step.WEEK, 52, 80)]
)
def test_every_figure_is_what_it_says(step: Step, season: int, periods: int) -> None:
    random = np.random.default_rng(3)
    units = random.poisson([[0.3], [2.0], [9.0], [9.0], [1.0]], (5, periods)).astype(float)
    units[2, :20] = np.nan
    units[3] = 4.0
    units[:, [12, 30, periods - 5]] = 0.0
    units[3, [12, 30, periods - 5]] = 0.0
    grid = grid_of(units, step)
    folds = folds_of(grid)
    found = score(grid, folds)
    for name, wanted in by_hand(grid, folds, season).items():
        assert getattr(found, name) == pytest.approx(wanted), name
    assert found.product_folds == sum(len(each.products) for each in folds)


def test_a_series_that_never_moves_has_no_scaled_error() -> None:
    grid = grid_of(np.full((1, 60), 3.0))
    found = score(grid, folds_of(grid))
    assert np.isnan([found.rmsse, found.mase, found.pinball]).all()
    assert found.wape > 0


def test_a_perfect_forecast() -> None:
    grid = grid_of(np.random.default_rng(2).poisson(5.0, (3, 60)).astype(float))
    whole = folds_of(grid)[0]
    actual = grid.units[np.ix_(whole.products, whole.periods)]
    perfect = Made(actual, np.repeat(actual[:, :, None], 7, axis=2), whole.made.totals)
    found = score(grid, [Fold(whole.last, whole.products, whole.periods, perfect)])
    assert (found.wape, found.bias, found.rmsse, found.mase, found.pinball) == (0, 0, 0, 0, 0)
    assert (found.coverage_95, found.coverage_80) == (1, 1)


def test_parts_add_up_to_the_whole() -> None:
    grid = grid_of(np.random.default_rng(2).poisson(5.0, (6, 90)).astype(float))
    folds = folds_of(grid)
    whole = score(grid, folds)
    halves = [score(grid, [each.of(rows) for each in folds]) for rows in (np.arange(3), np.arange(3, 6))]
    assert np.mean([half.rmsse for half in halves]) == pytest.approx(whole.rmsse)
    assert np.mean([half.coverage_80 for half in halves]) == pytest.approx(whole.coverage_80)


def test_nothing_to_score() -> None:
    grid = grid_of(np.zeros((1, 40)))
    found = score(grid, [])
    assert found.product_folds == 0
    assert np.isnan([found.wape, found.rmsse, found.coverage_95]).all()

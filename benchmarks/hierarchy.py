"""Forecasts of categories and of the shop: sums of the products', reconciled (MinT), or made for themselves.

    .venv/bin/python -m benchmarks.hierarchy --data FOLDER [--sets NAME ...] [--folds 8]

FOLDER holds a folder for each set, with `sales.csv[.gz]` and `products.csv`, as for `benchmarks.accuracy`.
Each fold forecasts 14 days or 8 weeks; figures are pooled over the folds. Direct forecasts are those of the
same forecaster, given the sums as if they were products; MinT reconciles these with the products' by their
past errors. The second table is of the quantiles that are served with sums. One thread, no database.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import time  # noqa: E402 - read the number of threads when loaded

import numpy as np  # noqa: E402

from benchmarks.accuracy.sets import EXCLUDED, HORIZON  # noqa: E402
from siprems_backend.services.evaluation.requests import EvaluationRequest  # noqa: E402
from siprems_backend.services.evaluation.shop_files import ShopFiles, read  # noqa: E402
from siprems_engine.forecasting.hierarchy.reconcile import bottom_up, min_trace, not_negative  # noqa: E402
from siprems_engine.forecasting.hierarchy.spread import TotalSpread, added_up  # noqa: E402
from siprems_engine.forecasting.hierarchy.structure import Hierarchy  # noqa: E402
from siprems_engine.forecasting.series import Floats  # noqa: E402
from siprems_engine.forecasting.shop import Panel, ShopForecast, forecast_shop  # noqa: E402
from siprems_engine.forecasting.shop.folds import cutoffs  # noqa: E402
from siprems_engine.forecasting.shop.quantiles import PastForecast, pinball  # noqa: E402

SETS = ("italian_pasta_daily", "breakfast_frat_weekly", "uci_online_retail_daily", "complete_journey_daily")
LEVELS = ("shop", "category", "product")


@dataclass(frozen=True, eq=False)
class Fold:
    """One cut-off: forecasts of all nodes (M, h) by method, what sold (M, h), a naive error (M,), spreads."""

    hierarchy: Hierarchy
    made: dict[str, Floats]
    actual: Floats
    naive: Floats
    quantiles: dict[str, tuple[Floats, Floats]]
    seconds: dict[str, float]

    def rows(self, level: str) -> slice:
        """Which nodes a level has."""
        ends = {"shop": (0, 1), "category": (1, self.hierarchy.aggregates)}
        return slice(*ends.get(level, (self.hierarchy.aggregates, None)))


def folds(files: ShopFiles, chosen: np.ndarray, count: int) -> Iterator[Fold]:
    """Forecast at every cut-off, from what was known then, the products that had sold."""
    grid, horizon = files.grid, HORIZON[files.grid.step]
    for last in cutoffs(grid, horizon, count):
        rows = chosen[(grid.units[chosen, : last + 1] > 0).any(axis=1)]
        panel, ahead = grid.panel(last, horizon, rows), np.arange(last + 1, last + 1 + horizon)
        yield _fold(panel, np.nan_to_num(grid.units[rows][:, ahead]), grid.open[ahead])


def _fold(panel: Panel, actual: Floats, is_open: np.ndarray) -> Fold:
    hierarchy, seconds, started = Hierarchy.of(panel.categories), {}, time.process_time()
    products = forecast_shop(panel, open_ahead=is_open)
    seconds["products"] = time.process_time() - started
    direct = forecast_shop(_totals(panel, hierarchy), open_ahead=is_open)
    seconds["direct"] = time.process_time() - started - seconds["products"]
    apart = np.concatenate([direct.mean, products.mean])
    made = {
        "bottom-up": bottom_up(hierarchy, products.mean),
        "MinT": not_negative(hierarchy, min_trace(hierarchy, apart, _residuals(direct, products))),
        "direct": apart,
    }
    units = hierarchy.nodes(panel.sold)[:, panel.known.any(axis=0)]
    return Fold(
        hierarchy,
        {name: values[:, is_open] for name, values in made.items()},
        hierarchy.nodes(actual)[:, is_open],
        np.sqrt((np.diff(units, axis=1) ** 2).mean(axis=1)),
        _spreads(hierarchy, products, panel, is_open),
        seconds,
    )


def _totals(panel: Panel, hierarchy: Hierarchy) -> Panel:
    """The sums as a shop of few products. They have no promotions of their own: part of each has one."""
    known = hierarchy.totals(panel.known.astype(np.float64)) > 0
    units = np.where(known, hierarchy.totals(panel.sold), np.nan)
    promo = np.zeros((len(units), len(panel.days)), dtype=bool)
    return Panel(panel.days, units, promo, panel.step, panel.events)


def _residuals(direct: ShopForecast, products: ShopForecast) -> Floats:
    """Past errors (M, n) of all nodes, on the days from which both were forecast; unknown is no error."""
    by_origin = dict(zip(direct.origins.tolist(), direct.past, strict=True))
    pairs = zip(products.origins.tolist(), products.past, strict=True)
    both = [(by_origin[origin], past) for origin, past in pairs if origin in by_origin]
    errors = np.concatenate([np.concatenate([_error(each) for each in pair]) for pair in both], axis=1)
    return errors[:, np.abs(errors).sum(axis=0) > 0]


def _error(past: PastForecast) -> Floats:
    return np.nan_to_num(past.actual - past.forecast)


def _spreads(
    hierarchy: Hierarchy, products: ShopForecast, panel: Panel, is_open: np.ndarray
) -> dict[str, tuple[Floats, Floats]]:
    """Quantiles of the periods and of the whole horizon, as they are served with sums."""
    past, mean = added_up(hierarchy, products.past), hierarchy.totals(products.mean)
    found = {}
    for level, rows in (("shop", slice(0, 1)), ("category", slice(1, None))):
        some = [PastForecast(each.forecast[rows], each.actual[rows]) for each in past]
        spread = TotalSpread(some, products.origins, panel.step, mean[rows].shape)
        sums = spread.of_sums(mean[rows], is_open)[:, -1]
        found[level] = (spread.by_period(mean[rows])[:, is_open], sums)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", default=SETS, help="names of sets")
    parser.add_argument("--folds", type=int, default=8)
    given = parser.parse_args()
    for name in given.sets:
        files = _read(given.data / name)
        left_out = EXCLUDED.get(name, set())
        chosen = np.array([row for row, sku in enumerate(files.skus) if sku not in left_out])
        print_set(name, list(folds(files, chosen, given.folds)))


def _read(folder: Path) -> ShopFiles:
    paths = {
        stem: sorted(folder.glob(f"{stem}.csv*")) for stem in ("sales", "events", "promotions", "products")
    }
    first = {stem: found[0] if found else None for stem, found in paths.items()}
    if first["sales"] is None:
        raise SystemExit(f"There is no sales.csv or sales.csv.gz in {folder}.")
    return read(EvaluationRequest(first.pop("sales"), 1, 1, **first))


def print_set(name: str, made: list[Fold]) -> None:
    """Print errors by level and method, and how often the quantiles of sums held."""
    cpu = {part: sum(fold.seconds[part] for fold in made) / len(made) for part in ("products", "direct")}
    groups = made[0].hierarchy.aggregates - 1
    print(
        f"\n{name}: {made[0].hierarchy.products} products, {groups} categories, {len(made)} folds; ", end=""
    )
    print(f"CPU s a fold: products {cpu['products']:.2f}, sums directly {cpu['direct']:.2f} more")
    print(f"{'level':9} {'method':10} {'WAPE':>6} {'bias':>7} {'RMSSE':>6}")
    for level in LEVELS:
        for method in made[0].made:
            print(f"{level:9} {method:10} {_errors(made, level, method)}")
    print(f"{'level':9} {'quantiles':10} {'cov95':>6} {'cov80':>6} {'pinball':>8}")
    for level in LEVELS[:2]:
        for place, of in enumerate(("a period", "the sum")):
            print(f"{level:9} {of:10} {_held(made, level, place)}", flush=True)


def _errors(made: list[Fold], level: str, method: str) -> str:
    sums: dict[str, float] = defaultdict(float)
    scaled = []
    for fold in made:
        rows = fold.rows(level)
        error, naive = fold.made[method][rows] - fold.actual[rows], fold.naive[rows]
        sums["missed"] += float(np.abs(error).sum())
        sums["error"] += float(error.sum())
        sums["sold"] += float(fold.actual[rows].sum())
        scaled.append(np.sqrt((error**2).mean(axis=1)) / np.where(naive > 0, naive, np.nan))
    rmsse = float(np.nanmean(np.concatenate(scaled)))
    return f"{sums['missed'] / sums['sold']:6.3f} {sums['error'] / sums['sold']:+7.3f} {rmsse:6.3f}"


def _held(made: list[Fold], level: str, place: int) -> str:
    """Coverage, and pinball loss in parts of what sold."""
    inside: dict[int, list[Floats]] = {0: [], 1: []}
    loss = sold = 0.0
    for fold in made:
        actual, quantiles = fold.actual[fold.rows(level)], fold.quantiles[level][place]
        if place:
            actual, quantiles = actual.sum(axis=1, keepdims=True), quantiles[:, None]
        for cut, found in inside.items():
            found.append(((actual >= quantiles[..., cut]) & (actual <= quantiles[..., 6 - cut])).ravel())
        loss += float(pinball(actual, quantiles).sum())
        sold += float(actual.sum())
    held = [float(np.concatenate(found).mean()) for found in inside.values()]
    return f"{held[0]:6.3f} {held[1]:6.3f} {loss / sold:8.4f}"


if __name__ == "__main__":
    main()

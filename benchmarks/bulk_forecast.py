"""Forecasting a whole catalogue: all products in one call beside one after the other, in one run.

    .venv/bin/python -m benchmarks.bulk_forecast [--products 100 1000 10000] [--days 28]

CPU microseconds a product, from loaded models to yhat, lower and upper in units; median of a few rounds. Nine
of ten products are served by their models, half of which span days with and without a promotion, one by its
average. Memory is what the bulk call needs at its peak beyond the models.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable

# One core is compared with one core.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 - reads the number of threads when it is loaded

from benchmarks.series import END, market_days, regular  # noqa: E402
from siprems_engine.forecasting import (  # noqa: E402
    LinearGrowthModel,
    ServingMeta,
    forecast,
    forecast_many,
    get_engine,
    parse,
    plausible_ceiling,
    window_average,
)
from siprems_engine.forecasting.series import Days  # noqa: E402

# So many are really trained; the others are copies, as their numbers do not change what they cost.
TRAINED = 50
ROUNDS = 5

Product = tuple[LinearGrowthModel, ServingMeta]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--days", type=int, default=28)
    given = parser.parse_args()
    trained = [_train(seed) for seed in range(TRAINED)]
    ahead = END + np.arange(1, given.days + 1)
    print(f"{'products':>8} {'one by one us':>13} {'bulk us':>8} {'ratio':>6} {'peak MB':>8}")
    for count in given.products:
        products = [copy.deepcopy(trained[place % TRAINED]) for place in range(count)]
        single = _microseconds(lambda: _one_by_one(products, ahead), count)  # noqa: B023 - called at once
        bulk = _microseconds(lambda: _in_bulk(products, ahead), count)  # noqa: B023 - called at once
        peak = _peak_megabytes(lambda: _in_bulk(products, ahead))  # noqa: B023 - called at once
        print(f"{count:8d} {single:13.1f} {bulk:8.1f} {single / bulk:6.1f} {peak:8.1f}", flush=True)


def _train(seed: int) -> Product:
    rows = regular(seed, 730)
    fit = get_engine("prophet").fit(rows, market_days())
    meta = ServingMeta(
        fit.correction_factor,
        plausible_ceiling(rows),
        engine="window-average" if seed % 10 == 0 else "prophet",
        fallback=window_average.fit(rows),
        promo_share=0.1 * (seed % 2),
    )
    return parse(fit.artifact), meta


def _one_by_one(products: list[Product], ahead: Days) -> None:
    for model, meta in products:
        forecast(model, meta, ahead)


def _in_bulk(products: list[Product], ahead: Days) -> None:
    forecast_many(*zip(*products, strict=True), ahead)


def _microseconds(work: Callable[[], None], count: int) -> float:
    """Median CPU time a product."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return 1e6 * statistics.median(taken) / count


def _peak_megabytes(work: Callable[[], None]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    main()

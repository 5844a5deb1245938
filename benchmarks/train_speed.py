"""How long training takes: the fast engine and stock Prophet on the same series, side by side in one run.

    .venv/bin/python -m benchmarks.train_speed [--days 365 730 1800] [--series 8]

CPU time of one thread per product, medians over the same series. "optimiser" is the search for the parameters
alone, from prepared arrays. "train" is a history in, the model file and the in-sample figures out; the stock
side fits, predicts its own rows and writes its file with Prophet alone. "stan engine" is the engine
`prophet-stan`, which does the same but takes the fitted values from the closed form.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

# One core is compared with one core; a matrix product of stock Prophet would take more.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 - reads the number of threads when it is loaded

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, Prepared, prepare, prophet_stan  # noqa: E402
from siprems_engine.forecasting.fast import engine  # noqa: E402
from siprems_engine.forecasting.fast.calendar import calendar_for  # noqa: E402
from siprems_engine.forecasting.fast.inputs import inputs  # noqa: E402
from siprems_engine.forecasting.fast.map_solver import maximise  # noqa: E402

END = np.datetime64("2024-06-30")
# A fit of the fast engine is repeated, as one alone is near the resolution of the clock.
REPEATS = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, nargs="+", default=[365, 730, 1800])
    parser.add_argument("--series", type=int, default=8)
    given = parser.parse_args()
    print(f"{'days':>5} {'part':>12} {'stock ms':>9} {'fast ms':>8} {'ratio':>6}")
    for days in given.days:
        for part, stock, fast in measure(days, given.series):
            print(
                f"{days:5d} {part:>12} {1e3 * stock:9.1f} {1e3 * fast:8.3f} {stock / fast:6.0f}", flush=True
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, stock Prophet included: {peak:.0f} MB")


def measure(days: int, count: int) -> list[tuple[str, float, float]]:
    """Return name, stock and fast CPU seconds per product of each part."""
    events = market_days()
    histories = [history(seed, days) for seed in range(count)]
    # The first call of each engine loads libraries or compiled code.
    engine.fit(histories[0], events)
    prophet_stan.fit(histories[0], events)
    searches = [_searches(item, events) for item in histories]
    fast = [partial(engine.fit, item, events) for item in histories]
    stan_engine = [partial(prophet_stan.fit, item, events) for item in histories]
    trained = median_seconds(fast, REPEATS)
    return [
        (
            "optimiser",
            median_seconds([s for s, _ in searches]),
            median_seconds([f for _, f in searches], REPEATS),
        ),
        ("train", median_seconds([partial(stock_training, item, events) for item in histories]), trained),
        ("stan engine", median_seconds(stan_engine), trained),
    ]


def stock_training(item: DailyHistory, events: list[Event]) -> tuple[str, float]:
    """Train with Prophet alone, as a program without this engine would: fit, predict in sample, write."""
    from prophet.serialize import model_to_json

    prepared = prepare(item)
    model = prophet_stan._model(events, REFERENCE)
    model.fit(_frame(prepared))
    fitted = np.expm1(model.predict().yhat.to_numpy())
    return model_to_json(model), float(np.abs(prepared.units - fitted).mean())


def _frame(prepared: Prepared) -> Any:
    import pandas as pd

    ds = prepared.ds.astype("datetime64[ns]")
    return pd.DataFrame({"ds": ds, "y": prepared.y_log, "promo": prepared.promo})


def _searches(item: DailyHistory, events: list[Event]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Prepare one series for both optimisers; what is returned only optimises."""
    prepared = prepare(item)
    ready = inputs(prepared, calendar_for(events, REFERENCE))
    model = prophet_stan._model(events, REFERENCE)
    data = vars(model.preprocess(_frame(prepared)))
    start = vars(model.calculate_initial_params(data["K"]))
    return partial(model.stan_backend.fit, start, data), partial(maximise, ready.problem)


def median_seconds(works: list[Callable[[], Any]], repeats: int = 1) -> float:
    """Median CPU seconds of these calls."""
    return statistics.median(cpu_seconds(work, repeats) for work in works)


def cpu_seconds(work: Callable[[], Any], repeats: int = 1) -> float:
    """CPU seconds of one call, those of child processes included: Stan's optimiser is one."""
    before = _used()
    for _ in range(repeats):
        work()
    return (_used() - before) / repeats


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def history(seed: int, days: int) -> DailyHistory:
    """A product with a weekly and a yearly pattern, a trend, promotions and counting noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(days)
    ds = END - (days - 1) + t
    weekly = rng.normal(0.0, 0.2, 7)[(ds.astype(np.int64) + 3) % 7]
    yearly = 0.2 * np.sin(2 * np.pi * t / 365.25 + rng.uniform(0, 2 * np.pi))
    promo = (rng.random(days) < 0.1).astype(float)
    mean = np.exp(rng.uniform(1.5, 5.0) + rng.normal(0.0, 3e-4) * t + weekly + yearly + 0.4 * promo)
    y = rng.negative_binomial(20, 20 / (20 + mean)).astype(float)
    return DailyHistory(ds[y > 0], y[y > 0], promo[y > 0])


def market_days() -> list[Event]:
    """One event a quarter."""
    dates = [np.datetime64(f"{year}-{month:02}-05") for year in range(2019, 2026) for month in (2, 5, 8, 11)]
    return [Event("Market day", date.item()) for date in dates]


if __name__ == "__main__":
    main()

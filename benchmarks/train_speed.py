"""How long training takes: the fast engine and stock Prophet on the same series, side by side in one run.

    .venv/bin/python -m benchmarks.train_speed [--days 365 730 1800] [--series 8]

CPU seconds of one thread per product, medians over the same series, and how much memory each engine needs in
a process of its own. The parts:

- optimiser: the search for the parameters alone, from prepared arrays;
- fit: a history in, the parameters out; the stock side is `Prophet.fit`, the only way to them;
- parameters only: a history in, the parameters and the in-sample figures out, which is all a forecast needs;
  the stock side fits and predicts its own rows;
- train: a history in, the model file and the in-sample figures out; the stock side fits, predicts its own
  rows and writes its file with Prophet alone;
- stan engine: the same as train, but the stock side is the engine `prophet-stan`, which takes the fitted
  values from our closed form.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# One core is compared with one core; a matrix product of stock Prophet would take more.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"


from benchmarks.series import market_days, regular  # noqa: E402 - numpy reads the threads when it is loaded
from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, Prepared, prepare, prophet_stan  # noqa: E402
from siprems_engine.forecasting.fast import engine  # noqa: E402
from siprems_engine.forecasting.fast.calendar import calendar_for  # noqa: E402
from siprems_engine.forecasting.fast.inputs import inputs  # noqa: E402
from siprems_engine.forecasting.fast.map_solver import MapEstimate, fitted, maximise  # noqa: E402
from siprems_engine.forecasting.fit import Fit, measured  # noqa: E402

Work = Callable[[], Any]
# A fit of the fast engine is repeated, as one alone is near the resolution of the clock.
REPEATS, ROUNDS = 10, 3


@dataclass(frozen=True)
class Part:
    """What both engines do with the same series, one call a product."""

    name: str
    stock: list[Work]
    fast: list[Work]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, nargs="+", default=[365, 730, 1800])
    parser.add_argument("--series", type=int, default=8)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"{'days':>5} {'part':>15} {'stock s':>9} {'fast s':>9} {'ratio':>6}")
    for days in given.days:
        for part in parts(days, given.series):
            stock, fast = seconds(part)
            print(f"{days:5d} {part.name:>15} {stock:9.4f} {fast:9.6f} {stock / fast:6.0f}", flush=True)
    stock, fast = (peak_of(which) for which in (stock_training, fast_training))
    print(f"peak memory of a process that trains series of 1800 days, MB: stock {stock:.0f}, fast {fast:.0f}")


def parts(days: int, count: int) -> list[Part]:
    """Prepare what is measured; the first call of each engine, which loads its libraries, is made here."""
    events = market_days()
    histories = [regular(seed, days) for seed in range(count)]
    fast_training(histories[0], events)
    stock_training(histories[0], events)
    searches = [optimisers(item, events) for item in histories]

    def of_all(work: Callable[[DailyHistory, list[Event]], object]) -> list[Work]:
        return [partial(work, item, events) for item in histories]

    trained = of_all(fast_training)
    return [
        Part("optimiser", [stock for stock, _ in searches], [fast for _, fast in searches]),
        Part("fit", of_all(stock_parameters), of_all(fast_parameters)),
        Part("parameters only", of_all(stock_figures), of_all(fast_figures)),
        Part("train", of_all(stock_training), trained),
        Part("stan engine", of_all(prophet_stan.fit), trained),
    ]


def optimisers(item: DailyHistory, events: list[Event]) -> tuple[Work, Work]:
    """Prepare one series for both optimisers; what is returned only optimises."""
    prepared = prepare(item)
    ready = inputs(prepared, calendar_for(events, REFERENCE))
    model = prophet_stan._model(events, REFERENCE)
    data = vars(model.preprocess(frame(prepared)))
    start = vars(model.calculate_initial_params(data["K"]))
    return partial(model.stan_backend.fit, start, data), partial(maximise, ready.problem)


def stock_parameters(item: DailyHistory, events: list[Event]) -> Any:
    """Fit with Prophet alone, which prepares its features and starts Stan."""
    model = prophet_stan._model(events, REFERENCE)
    model.fit(frame(prepare(item)))
    return model


def fast_parameters(item: DailyHistory, events: list[Event]) -> MapEstimate:
    """Find the parameters without a file."""
    return maximise(inputs(prepare(item), calendar_for(events, REFERENCE)).problem)


def stock_figures(item: DailyHistory, events: list[Event]) -> tuple[Any, Fit]:
    """Fit and measure with Prophet alone."""
    model = stock_parameters(item, events)
    y_log = model.predict().yhat.to_numpy()
    return model, measured(b"", "prophet-stan", prepare(item).units, y_log, REFERENCE)


def fast_figures(item: DailyHistory, events: list[Event]) -> tuple[MapEstimate, Fit]:
    """Do what `engine.fit` does without writing the file."""
    prepared = prepare(item)
    ready = inputs(prepared, calendar_for(events, REFERENCE))
    estimate = maximise(ready.problem)
    y_log = fitted(ready.problem, estimate) * ready.y_scale
    return estimate, measured(b"", "prophet", prepared.units, y_log, REFERENCE)


def stock_training(item: DailyHistory, events: list[Event]) -> tuple[str, Fit]:
    """Train with Prophet alone, as a program without this engine would: fit, predict in sample, write."""
    from prophet.serialize import model_to_json

    model, figures = stock_figures(item, events)
    return model_to_json(model), figures


def fast_training(item: DailyHistory, events: list[Event]) -> Any:
    """Train with the fast engine."""
    return engine.fit(item, events)


def frame(prepared: Prepared) -> Any:
    """Return the data frame the reference recipe gives to Prophet."""
    import pandas as pd

    ds = prepared.ds.astype("datetime64[ns]")
    return pd.DataFrame({"ds": ds, "y": prepared.y_log, "promo": prepared.promo})


def seconds(part: Part) -> tuple[float, float]:
    """Return median CPU seconds per product of both engines, measured turn by turn."""
    stock, fast = [], []
    for slow, quick in zip(part.stock, part.fast, strict=True):
        # The best of a few rounds: what else runs on the machine slows either side down at times.
        rounds = [(cpu_seconds(slow), cpu_seconds(quick, REPEATS)) for _ in range(ROUNDS)]
        stock.append(min(one for one, _ in rounds))
        fast.append(min(one for _, one in rounds))
    return statistics.median(stock), statistics.median(fast)


def cpu_seconds(work: Work, repeats: int = 1) -> float:
    """Return CPU seconds of one call, those of child processes included: Stan's optimiser is one."""
    before = used()
    for _ in range(repeats):
        work()
    return (used() - before) / repeats


def used() -> float:
    """Return the CPU seconds of this process and of its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_of(training: Callable[[DailyHistory, list[Event]], Any]) -> float:
    """Return the peak memory in MB of a new process that trains a few long series."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(peak_memory, (training,))


def peak_memory(training: Callable[[DailyHistory, list[Event]], Any]) -> float:
    """Train in this process and return its peak memory in MB."""
    for seed in range(3):
        training(regular(seed, 1800), market_days())
    # What getrusage says of a process counts its parent's memory before it was started.
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()

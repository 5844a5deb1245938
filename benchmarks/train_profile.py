"""Where the time of a training goes: of one fit, kernel by kernel, and of a chunk of the nightly run.

    .venv/bin/python -m benchmarks.train_profile [--days 730] [--products 200]

First CPU microseconds per call of every stage of a fit, and of the kernels of its optimiser. Then a whole
chunk as a worker trains it, in this process with a database of its own, run under a profiler: milliseconds
a product, waiting included, by stage. A stage set in is part of the one above it.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import os
import pstats
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 - reads the number of threads when it is loaded
import structlog  # noqa: E402

from benchmarks import nightly  # noqa: E402
from benchmarks.series import market_days, regular  # noqa: E402
from siprems_engine.forecasting import REFERENCE, prepare  # noqa: E402
from siprems_engine.forecasting.fast import cholesky, curvature, direction, engine, mean  # noqa: E402
from siprems_engine.forecasting.fast.artifact import write_artifact  # noqa: E402
from siprems_engine.forecasting.fast.calendar import calendar_for  # noqa: E402
from siprems_engine.forecasting.fast.inputs import Inputs, inputs  # noqa: E402
from siprems_engine.forecasting.fast.map_solver import MapEstimate, fitted, maximise  # noqa: E402
from siprems_engine.forecasting.fast.scratch import new_scratch  # noqa: E402
from siprems_engine.forecasting.fit import measured  # noqa: E402
from tests.servers import running_postgres, running_valkey  # noqa: E402

Work = Callable[[], Any]
CALLS, ROUNDS = 50, 5


@dataclass(frozen=True)
class Stage:
    """A function whose time counts for a stage, by the end of its file's path; builtins have no file."""

    words: str
    file: str
    function: str


CHUNK = (
    Stage("read histories and shop", "services/histories.py", "load_histories"),
    Stage("  the query", "models/history_queries.py", "daily_series"),
    Stage("train", "forecasting/train.py", "train"),
    Stage("  fit", "fast/engine.py", "fit"),
    Stage("    clean the rows", "forecasting/recipe.py", "prepare"),
    Stage("    scale, features", "fast/inputs.py", "inputs"),
    Stage("    optimiser", "fast/map_solver.py", "maximise"),
    Stage("    in-sample figures", "forecasting/fit.py", "measured"),
    Stage("    model file as bytes", "fast/artifact.py", "write_artifact"),
    Stage("  read the model back", "forecasting/prophet_json.py", "parse"),
    Stage("  who may serve", "forecasting/sanity.py", "assess"),
    Stage("  window average", "forecasting/window_average.py", "fit"),
    Stage("  backtest", "forecasting/backtest.py", "holdout"),
    Stage("  data hash", "forecasting/series.py", "data_hash"),
    Stage("forecasts of 28 days", "services/forecasting.py", "forecast_rows"),
    Stage("keep", "services/model_repository.py", "save"),
    Stage(
        "  rows of versions and forecasts", "", "<method 'execute' of 'psycopg2.extensions.cursor' objects>"
    ),
    Stage("  write files", "utils/atomic_file.py", "write_all_atomically"),
    Stage("    flush to disk", "", "<built-in method posix.fsync>"),
    Stage("  make versions active", "stores/model_store.py", "activate"),
    Stage("  drop old versions", "stores/model_store.py", "_prune"),
)


def main() -> None:
    """Print both profiles."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--products", type=int, default=200)
    given = parser.parse_args()
    history, events = regular(3, given.days), market_days()
    ready = inputs(prepare(history), calendar_for(events, REFERENCE))
    estimate = maximise(ready.problem)
    print(f"one fit of {len(ready.day)} rows, {estimate.steps} steps, CPU microseconds a call")
    for words, work in (*stages(given.days), *kernels(ready, estimate)):
        print(f"{words:<36}{1e6 * seconds(work):10.1f}", flush=True)
    chunk(given.products, given.days)


def stages(days: int) -> list[tuple[str, Work]]:
    """Return the stages of `engine.fit`."""
    history, events = regular(3, days), market_days()
    prepared, calendar = prepare(history), calendar_for(events, REFERENCE)
    ready = inputs(prepared, calendar)
    estimate = maximise(ready.problem)
    y_log = fitted(ready.problem, estimate) * ready.y_scale
    return [
        ("fit", lambda: engine.fit(history, events)),
        ("  clean the rows", lambda: prepare(history)),
        ("  calendar, features, scale", lambda: inputs(prepared, calendar_for(events, REFERENCE))),
        ("  optimiser", lambda: maximise(ready.problem)),
        ("  fitted values", lambda: fitted(ready.problem, estimate)),
        ("  model file as bytes", lambda: write_artifact(calendar, prepared, ready, estimate)),
        ("  in-sample figures", lambda: measured(b"", "", prepared.units, y_log, REFERENCE)),
    ]


def kernels(ready: Inputs, estimate: MapEstimate) -> list[tuple[str, Work]]:
    """Return the kernels of one step of the optimiser at the optimum; a few steps need no new matrix."""
    problem, variance = ready.problem, estimate.sigma**2
    p = np.array([estimate.k, estimate.m, *estimate.beta, *estimate.delta])
    columns, rows = problem.features.shape
    at, scratch, smooth = mean.blank_mean(rows), new_scratch(rows, columns, len(p)), 2 + columns
    mean.write_mean(problem, p, at)
    curvature.write_weighted(problem, at.trend, scratch.weighted)
    curvature.write_gradient(problem, p, at, variance, scratch.gradient)
    curvature.write_gram(scratch.weighted, scratch.gram)
    curvature.write_hessian(problem, at, variance, True, scratch)
    direction._set_right_side(scratch)
    system = scratch.matrix.copy()

    def eliminate() -> None:
        scratch.matrix[:] = system
        cholesky.eliminate(scratch.matrix, smooth)

    return [
        ("  step: mean and misfit", lambda: mean.write_mean(problem, p, at)),
        ("  step: gradient", lambda: curvature.write_gradient(problem, p, at, variance, scratch.gradient)),
        (
            "  new matrix: weigh the features",
            lambda: curvature.write_weighted(problem, at.trend, scratch.weighted),
        ),
        ("  new matrix: products of features", lambda: curvature.write_gram(scratch.weighted, scratch.gram)),
        (
            "  new matrix: the rest of it",
            lambda: curvature.write_hessian(problem, at, variance, True, scratch),
        ),
        ("  new matrix: elimination", eliminate),
        ("  step: lasso and substitution", lambda: direction._solve(problem, p, scratch)),
    ]


def seconds(work: Work) -> float:
    """Return CPU seconds a call, the best of a few rounds; the first call may compile."""
    work()
    return min(_round(work) for _ in range(ROUNDS))


def _round(work: Work) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - began) / CALLS


def chunk(products: int, days: int) -> None:
    """Train a chunk in this process and print where its time went."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        state.chmod(0o755)
        with running_postgres(state) as database, running_valkey(state) as broker:
            nightly.settle(state, database.url("siprems"), broker.url(0).rsplit("/", 1)[0])
            nightly.prepare(database.url("siprems"), products + 1, days)
            profile = trained_under_profile(products)
    report(pstats.Stats(profile), products)


def trained_under_profile(products: int) -> cProfile.Profile:
    """Train one product to load what is loaded once, then the others under the profiler."""
    from siprems_backend.services import training, training_run

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    training.prepare_process()
    training_run.train_chunk([products + 1])
    profile = cProfile.Profile()
    profile.enable()
    training_run.train_chunk(list(range(1, products + 1)))
    profile.disable()
    return profile


def report(stats: pstats.Stats, products: int) -> None:
    """Print milliseconds a product and the share of the whole for every stage."""
    whole = stats.total_tt  # type: ignore[attr-defined]
    print(
        f"\na chunk of {products} products: {1e3 * whole / products:.2f} ms each with the profiler's own work"
    )
    for stage in CHUNK:
        spent = spent_in(stats, stage)
        print(f"{stage.words:<36}{1e3 * spent / products:10.3f} ms{spent / whole:7.0%}")


def spent_in(stats: pstats.Stats, stage: Stage) -> float:
    """Return the seconds between calls and returns of a stage's function."""
    calls = stats.stats.items()  # type: ignore[attr-defined]
    return sum(
        figures[3]
        for (file, _, function), figures in calls
        if function == stage.function and (file.endswith(stage.file) if stage.file else file == "~")
    )


if __name__ == "__main__":
    main()

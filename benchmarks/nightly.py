"""The nightly run of a whole catalogue, from `train_all_models` to the joined summary.

A model for every product, and the forecast of the whole shop with weights, quantiles and backtests.

    .venv/bin/python -m benchmarks.nightly [--products 100 1000 10000] [--days 730] [--processes 2]

Starts its own database, broker and a real worker; the sales are in the database before the clock starts.
Every size is run twice, the second time with nothing changed. Prints one table; `shop s` are seconds that the
shards of the shop's forecast took in all, beside the training. The CPU columns are of the worker and of the
database, and say more about growth than the wall does where others use the machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psutil
import psycopg2

from benchmarks.processes import database_of, spent
from siprems_local import postgres
from tests.servers import running_postgres, running_valkey

FIRST_DAY = np.datetime64("2024-01-01")


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    print(
        f"{'products':>9}{'days':>6}{'run':>11}{'trained':>9}{'skipped':>9}{'failed':>8}{'forecast':>10}"
        f"{'shop s':>8}{'wall s':>9}"
        f"{'ms/product':>12}{'worker CPU ms':>15}{'database':>10}{'peak MB/process':>17}{'models MB':>11}",
        flush=True,
    )
    for products in given.products:
        # Connections and settings belong to a process, so every size gets its own.
        one = get_context("spawn").Process(target=run, args=(products, given.days, given.processes))
        one.start()
        one.join()


def run(products: int, days: int, processes: int) -> None:
    """One size, with servers of its own: fill the database, train, train again."""
    with own_servers() as (state, url):
        prepare(url, products, days)
        with worker(state, processes) as process:
            for which in ("first", "unchanged"):
                report(which, products, days, process, state)


@contextmanager
def own_servers() -> Iterator[tuple[Path, str]]:
    """A database and a broker that this process and those it starts use; a folder, and the database's URL."""
    # As in production: what is committed is on the disk.
    postgres.THROWAWAY = {"max_connections": "50"}
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        state.chmod(0o755)
        with running_postgres(state) as database, running_valkey(state) as broker:
            url = database.url("siprems")
            settle(state, url, broker.url(0).rsplit("/", 1)[0])
            yield state, url


def settle(state: Path, database_url: str, redis_url: str) -> None:
    """The settings of this process and those it starts."""
    os.environ.update(
        SIPREMS_ENV="test",
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        JWT_SECRET_KEY="only for a benchmark, long enough 1234",
        MODELS_DIR=str(state / "models"),
        DATA_DIR=str(state / "data"),
        LOG_LEVEL="WARNING",
        TRAINING_CHUNK_SIZE="200",
    )


def migrate() -> None:
    """Use these settings in this process, and make the tables."""
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.cache import cache
    from siprems_backend.extensions.database import database
    from siprems_backend.extensions.queue import bind_queue
    from siprems_backend.services import migrations

    get_settings.cache_clear()
    database.bind(get_settings())
    cache.bind(get_settings())
    bind_queue(get_settings())
    migrations.upgrade()


def prepare(url: str, products: int, days: int) -> None:
    """Migrate and bring the sales in."""
    migrate()
    with psycopg2.connect(url.replace("postgresql+psycopg2", "postgresql")) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "INSERT INTO products (sku, name, category, stock) "
            "SELECT 'SKU-' || n, 'Product ' || n, 'Category ' || n %% 40, 100 FROM generate_series(1, %s) n",
            (products,),
        )
        cursor.copy_expert(
            "COPY daily_sales (product_id, date, quantity, promo, revenue) FROM STDIN", Rows(products, days)
        )
    vacuum = psycopg2.connect(url.replace("postgresql+psycopg2", "postgresql"))
    vacuum.autocommit = True
    vacuum.cursor().execute("VACUUM ANALYZE daily_sales")
    vacuum.close()


class Rows:
    """A readable stream of invented daily sales: level, trend, weekday, year, promotions, noise."""

    def __init__(self, products: int, days: int) -> None:
        self._chunks = self._generate(products, days)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`."""
        while len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _generate(self, products: int, days: int) -> Iterator[bytes]:
        random = np.random.default_rng(7)
        dates = [str(date) for date in FIRST_DAY + np.arange(days)]
        day = np.arange(days)
        for product in range(1, products + 1):
            level = np.exp(random.uniform(1.0, 5.0))
            week = np.exp(random.normal(0, 0.2, 7))[day % 7]
            year = np.exp(random.normal(0, 0.2) * np.sin(2 * np.pi * day / 365.25 + random.uniform(0, 6)))
            promo = random.random(days) < 0.05
            trend = np.exp(random.normal(0, 3e-4) * day)
            quantity = random.poisson(level * week * year * trend * np.where(promo, 1.5, 1.0))
            yield "".join(
                f"{product}\t{date}\t{sold}\t{'t' if flag else 'f'}\t0\n"
                for date, sold, flag in zip(dates, quantity, promo, strict=True)
            ).encode()


@contextmanager
def worker(state: Path, processes: int, queues: str = "training,maintenance") -> Iterator[psutil.Process]:
    """A real worker, ready."""
    from siprems_backend.extensions.queue import inspect_workers

    command = [sys.executable, "-m", "celery", "-A", "siprems_backend.celery_app", "worker"]
    options = [
        "--concurrency",
        str(processes),
        "-Q",
        queues,
        "--without-mingle",
        "-O",
        "fair",
    ]
    with (state / "worker.log").open("wb") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
    try:
        while not inspect_workers("ping", 1.0):
            if process.poll() is not None:
                raise SystemExit((state / "worker.log").read_text()[-2000:])
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def report(which: str, products: int, days: int, process: psutil.Process, state: Path) -> None:
    """Train once and print the row."""
    began, before = time.perf_counter(), cpu_seconds(process)
    result, peak, shards = train(process)
    wall = time.perf_counter() - began
    ours, servers = (
        1000 * (late - early) / products for early, late in zip(before, cpu_seconds(process), strict=True)
    )
    size = sum(file.stat().st_size for file in (state / "models").glob("model_*.json")) / 2**20
    print(
        f"{products:>9}{days:>6}{which:>11}{result['trained']:>9}{result['skipped']:>9}{result['failed']:>8}"
        f"{result['shop_forecasts']['forecasts']:>10}{shards:>8.1f}"
        f"{wall:>9.1f}{1000 * wall / products:>12.1f}{ours:>15.1f}{servers:>10.1f}"
        f"{peak:>17.0f}{size:>11.0f}",
        flush=True,
    )


def cpu_seconds(process: psutil.Process) -> tuple[float, float]:
    """CPU time so far of the worker's processes, and of the database's."""
    servers = database_of(process.environ())
    return spent([process]), spent(servers)


def train(process: psutil.Process) -> tuple[dict[str, Any], float, float]:
    """Submit the run and wait; its summary, the peak memory of a process in MB, and the shards' seconds."""
    from siprems_backend.services import task_registry
    from siprems_backend.services.identity import Principal
    from siprems_backend.services.task_registry import TaskKind, states
    from siprems_backend.utils.roles import Role

    system = Principal(0, "benchmark", Role.ADMIN)
    task_id = task_registry.submit(TaskKind.TRAIN_ALL, {}).task_id
    peak = 0.0
    while True:
        for child in process.children():
            peak = max(peak, child.memory_info().rss / 2**20)
        task = task_registry.get(task_id, system)
        if task.status in states.TERMINAL:
            return dict(task.result or {}), peak, seconds_of_shards(task_id)
        time.sleep(0.2)


def seconds_of_shards(parent_id: UUID) -> float:
    """What the shards of the shop's forecast took, from their starts to their ends."""
    from siprems_backend.extensions.database import database
    from siprems_backend.models import task_queries
    from siprems_backend.services.task_registry import TaskKind

    with database.reading() as session:
        children = task_queries.children(session, parent_id, results=False)
    spans = [
        child.finished_at - child.started_at
        for child in children
        if child.kind == TaskKind.FORECAST_SHOP_CHUNK and child.finished_at and child.started_at
    ]
    return sum(span.total_seconds() for span in spans)


if __name__ == "__main__":
    main()

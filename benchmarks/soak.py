"""A steady load of submits, and what is left in memory, on disk and in Redis after many tasks.

    .venv/bin/python -m benchmarks.soak [--tasks 20000] [--per-second 100] [--clients 4]

Starts an instance of its own with the demo shop. Clients submit predictions at a steady pace through two web
processes while the workers run them; every tenth part of the way everything is counted. At the end all tasks
are made old and the hourly clean-up runs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

import psutil
import psycopg2
import redis

from benchmarks.instance import Api, own_instance
from benchmarks.processes import Instance

DRAIN_SECONDS = 600
TABLES = ("tasks", "task_logs", "artifacts", "forecasts", "schedule_slots", "idempotent_answers")


@dataclass(frozen=True)
class Pace:
    """Latencies in milliseconds and the number of failed submits of one client."""

    taken: list[float]
    errors: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--per-second", type=float, default=100.0)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    os.environ["FINISHED_TASKS_KEPT_HOURS"] = "48"
    with own_instance() as (url, email, password):
        api = Api.signed_in(url, email, password)
        soak(api, given.tasks, given.per_second, given.clients)


def soak(api: Api, tasks: int, per_second: float, clients: int) -> None:
    """Submit in ten parts, and look after each."""
    instance = Instance.at(api.port)
    environment = instance.programs["web"][0].environ()
    skus = [item["sku"] for item in api.call("GET", "/products?page_size=20")["items"]]
    print(
        f"{'tasks':>7}{'submit p50':>11}{'p99 ms':>8}{'errors':>7}{'drained s':>10}{'Redis keys':>11}"
        f"{'MB':>6}"
        f"{'web MB':>8}{'fds':>5}{'worker MB':>10}{'fds':>5}{'rows':>9}{'database MB':>12}{'files':>7}",
        flush=True,
    )
    part = tasks // 10
    for number in range(1, 11):
        paces = submit(api, skus, part, per_second, clients)
        drained = drain(environment)
        taken = sorted(value for pace in paces for value in pace.taken)
        errors = sum(pace.errors for pace in paces)
        row = counts(api.port, environment)
        print(
            f"{number * part:>7}{taken[len(taken) // 2]:>11.1f}{taken[int(len(taken) * 0.99)]:>8.1f}"
            f"{errors:>7}{drained:>10.1f}{row}",
            flush=True,
        )
    print_cleanup(environment)


def submit(api: Api, skus: list[str], count: int, per_second: float, clients: int) -> list[Pace]:
    """Let the clients submit so many tasks at this pace, each in a process of its own."""
    context = get_context("fork")
    pipes, processes = [], []
    for _ in range(clients):
        ours, theirs = context.Pipe()
        share = (api, skus, count // clients, per_second / clients, theirs)
        process = context.Process(target=_client, args=share)
        process.start()
        pipes.append(ours)
        processes.append(process)
    paces: list[Pace] = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
    return paces


def _client(api: Api, skus: list[str], count: int, per_second: float, results: Connection) -> None:
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    taken, errors, began = [], 0, time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        body = json.dumps({"product_sku": skus[number % len(skus)]})
        sent = time.perf_counter()
        connection.request("POST", "/predict/async", body, api.headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - sent) * 1000)
        errors += answer.status != 202
    results.send(Pace(taken, errors))


def drain(environment: Mapping[str, str]) -> float:
    """Seconds until the workers have run what was submitted."""
    began = time.monotonic()
    while time.monotonic() - began < DRAIN_SECONDS:
        waiting = _rows(environment, "SELECT count(*) FROM tasks WHERE finished_at IS NULL")[0][0]
        if waiting < 5:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def counts(port: int, environment: Mapping[str, str]) -> str:
    """What there is now, as the rest of a row."""
    instance = Instance.at(port)
    base = environment["REDIS_URL"]
    keys = sum(redis.Redis.from_url(f"{base}/{number}").dbsize() for number in range(3))
    memory = redis.Redis.from_url(f"{base}/0").info("memory")["used_memory"] / 2**20
    rows = sum(_rows(environment, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES)
    size = _rows(environment, "SELECT pg_database_size(current_database())")[0][0] / 2**20
    files = sum(
        len(names) for folder in ("MODELS_DIR", "DATA_DIR") for _, _, names in os.walk(environment[folder])
    )
    return (
        f"{keys:>11}{memory:>6.1f}{_most(instance, 'web')}{_most(instance, 'worker', width=10)}"
        f"{rows:>9}{size:>12.0f}{files:>7}"
    )


def _most(instance: Instance, name: str, width: int = 8) -> str:
    """The largest process of a program: its memory, and the most file descriptors of any."""
    memory, descriptors = [0.0], [0]
    for process in instance.programs[name]:
        try:
            memory.append(process.memory_info().rss / 2**20)
            descriptors.append(process.num_fds())
        except psutil.Error:
            continue
    return f"{max(memory):>{width}.0f}{max(descriptors):>5}"


def print_cleanup(environment: Mapping[str, str]) -> None:
    """Make all tasks old, clean up as Beat does every hour, and count what is left."""
    _rows(environment, "UPDATE tasks SET finished_at = finished_at - interval '3 days' RETURNING 1")
    os.environ.update({name: environment[name] for name in environment if name.isupper()})
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.cache import cache
    from siprems_backend.extensions.database import database
    from siprems_backend.services import housekeeping

    settings = get_settings()
    database.bind(settings)
    cache.bind(settings)
    began = time.monotonic()
    done = housekeeping.clean_up()
    seconds = time.monotonic() - began
    left = {table: _rows(environment, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    print(f"\nclean-up in {seconds:.1f} s: {done}\nrows left: {left}")


def _rows(environment: Mapping[str, str], statement: str) -> list[tuple[int, ...]]:
    connection = psycopg2.connect(environment["DATABASE_URL"].replace("+psycopg2", ""))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


if __name__ == "__main__":
    main()

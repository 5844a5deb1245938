"""A steady load of submits, and what is left in memory, on disk and in Redis after many tasks.

    .venv/bin/python -m benchmarks.soak [--tasks 20000] [--per-second 100] [--clients 4]

Starts an instance of its own with the demo shop. Clients submit predictions at a steady pace through two web
processes while the workers run them; every twentieth part of the way everything is counted. At the end the
first and the last quarter are compared, all tasks are made old and the hourly clean-up runs.
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

from benchmarks import leftovers
from benchmarks.instance import Api, own_instance
from benchmarks.leftovers import query
from benchmarks.processes import Instance

DRAIN_SECONDS = 600
PARTS = 20


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
    """Submit in parts, and look after each."""
    instance = Instance.at(api.port)
    environment = instance.programs["web"][0].environ()
    skus = [item["sku"] for item in api.call("GET", "/products?page_size=20")["items"]]
    print(
        f"{'tasks':>7}{'submit p50':>11}{'p99 ms':>8}{'errors':>7}{'drained s':>10}{leftovers.header()}",
        flush=True,
    )
    part = tasks // PARTS
    looks = []
    for number in range(1, PARTS + 1):
        paces = submit(api, skus, part, per_second, clients)
        drained = drain(environment)
        taken = sorted(value for pace in paces for value in pace.taken)
        errors = sum(pace.errors for pace in paces)
        looks.append(leftovers.look(api.port, environment))
        print(
            f"{number * part:>7}{taken[len(taken) // 2]:>11.1f}{taken[int(len(taken) * 0.99)]:>8.1f}"
            f"{errors:>7}{drained:>10.1f}{leftovers.line(looks[-1])}",
            flush=True,
        )
    leftovers.print_quarters(looks)
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
        waiting = query(environment, "SELECT count(*) FROM tasks WHERE finished_at IS NULL")[0][0]
        if waiting < 5:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def print_cleanup(environment: Mapping[str, str]) -> None:
    """Make all tasks old, clean up as Beat does every hour, and count what is left."""
    query(environment, "UPDATE tasks SET finished_at = finished_at - interval '3 days' RETURNING 1")
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
    print(f"\nclean-up in {seconds:.1f} s: {done}\nrows left: {leftovers.rows_left(environment)}")


if __name__ == "__main__":
    main()

"""Many workflows under one parent, beside the same ones run one after the other.

    .venv/bin/python -m benchmarks.bulk_workflows [--workflows 50] [--rows 5000] [--processes 2] [--rounds 2]

Starts its own database, broker and a real worker. Every workflow fills, encodes, splits and fits a forest
with a seed of its own on the same dataset; one of them cannot, for it needs a column that is not there. In
each round, each is submitted alone and waited for, and, by another user so that no cache helps, all together.
`sum of runs` are the seconds from the starts to the ends of the executions, `wall` the clock's.
"""

from __future__ import annotations

import argparse
import io
import time
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks import nightly

LOOK_EVERY_SECONDS = 0.02


def main() -> None:
    """Measure both ways and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workflows", type=int, default=50)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    with nightly.own_servers() as (state, _):
        nightly.migrate()
        with nightly.worker(state, given.processes, queues="pipelines,maintenance"):
            measure(given.workflows, given.rows, given.rounds)


def measure(count: int, rows: int, rounds: int) -> None:
    """The table; every other round is the other way round, as machines are not equally busy all the time."""
    print(f"{count} workflows of 5 nodes on {rows:,} rows, one of them broken\n")
    print(f"{'run':20}{'wall s':>9}{'sum of runs s':>15}{'succeeded':>11}{'failed':>8}", flush=True)
    # Each process of the worker loads its libraries once.
    run_together(*prepared(4, rows))
    ways = {"one after the other": run_alone, "under one parent": run_together}
    for number in range(rounds):
        for name, run in list(ways.items())[:: -1 if number % 2 else 1]:
            report(name, *run(*prepared(count, rows)))


def report(name: str, wall: float, tasks: list[Any]) -> None:
    """One row."""
    spent = sum((task.finished_at - task.started_at).total_seconds() for task in tasks)
    well = sum(task.status == "SUCCESS" for task in tasks)
    print(f"{name:20}{wall:>9.1f}{spent:>15.1f}{well:>11}{len(tasks) - well:>8}", flush=True)
    for task in tasks:
        if task.status != "SUCCESS":
            print(f"{'':20}{(task.error or {}).get('message')}")


def prepared(count: int, rows: int) -> tuple[Any, list[Any]]:
    """A user with a dataset and workflows; what is to be run."""
    from siprems_backend.extensions.database import database
    from siprems_backend.services import datasets, workflows
    from siprems_backend.services.datasets import uploads
    from tests import factories
    from tests.services.datasets.conftest import Sent

    user = factories.make_principal(database)
    record = uploads.receive(Sent(table(rows), "houses.csv"), user)
    datasets.convert(record.id)
    configs = []
    for seed in range(count):
        column = "rent" if seed == count // 2 else "area"
        values = {"name": f"Forest {seed}", "description": "", "parameters": {}}
        made = workflows.create({**values, "pipeline": nodes(record.id, column, seed)}, user)
        configs.append(workflows.Config(made.id))
    return user, configs


def nodes(dataset_id: UUID, column: str, seed: int) -> list[dict[str, Any]]:
    """What each workflow does."""
    return [
        {"node_type": "dataset", "input": {"dataset_id": str(dataset_id)}},
        {"node_type": "missing_values", "input": {"strategy": "median", "columns": [column]}},
        {"node_type": "encoding", "input": {"method": "one_hot", "columns": ["city"]}},
        {"node_type": "split", "input": {"target": "price", "random_state": seed}},
        {"node_type": "random_forest", "input": {"n_estimators": 20, "random_state": seed}},
    ]


def table(rows: int) -> bytes:
    """Invented houses."""
    random = np.random.default_rng(1)
    area, age = random.gamma(9, 10, rows), random.integers(0, 90, rows)
    city = random.choice(["Roma", "Wien", "Oslo"], rows)
    price = 2000 * area * np.where(city == "Oslo", 1.5, 1.0) - 500 * age + random.normal(0, 2e4, rows)
    out = io.StringIO("city,area,age,price\n")
    out.seek(0, io.SEEK_END)
    for cells in zip(city, area.round(1), age, price.round(), strict=True):
        out.write("{},{},{},{}\n".format(*cells))
    return out.getvalue().encode()


def run_alone(user: Any, configs: list[Any]) -> tuple[float, list[Any]]:
    """Submit each when the one before has ended."""
    from siprems_backend.services import workflows

    began, tasks = time.perf_counter(), []
    for config in configs:
        tasks.append(ended(workflows.submit_execution(config, user).task_id, user))
    return time.perf_counter() - began, tasks


def run_together(user: Any, configs: list[Any]) -> tuple[float, list[Any]]:
    """Submit all under a parent and wait for it."""
    from siprems_backend.services import task_registry, workflows

    began = time.perf_counter()
    family = workflows.submit_bulk(configs, user)
    ended(family.parent.task_id, user)
    wall = time.perf_counter() - began
    return wall, [task_registry.get(task_id, user) for task_id in family.task_ids]


def ended(task_id: UUID, user: Any) -> Any:
    """The task once it has ended."""
    from siprems_backend.services import task_registry
    from siprems_backend.services.task_registry import states

    while (task := task_registry.get(task_id, user)).status not in states.TERMINAL:
        time.sleep(LOOK_EVERY_SECONDS)
    return task


if __name__ == "__main__":
    main()

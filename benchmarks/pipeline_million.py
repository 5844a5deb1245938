"""A pipeline of ten nodes over a million rows: progress, cancelling at several nodes, memory.

    .venv/bin/python -m benchmarks.pipeline_million [--rows 1000000]

Starts its own database, broker and a real worker. The first run tells when each node was seen at work in the
ledger, and the memory of the processes; the next are cancelled while a node works, the model's in the middle
of a single call of scikit-learn's compiled code; the last changes the last node and finds the others.
"""

from __future__ import annotations

import argparse
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import psutil

from benchmarks import nightly

LOOK_EVERY_SECONDS = 0.02
# Cancelled at these nodes, counted from 1, so many seconds after they were seen at work.
CANCELLED_AT = ((1, 0.1), (2, 0.2), (5, 0.2), (6, 0.5), (8, 0.2), (10, 1.0), (10, 4.0))


def node(node_type: str, **parameters: Any) -> dict[str, Any]:
    """One node."""
    return {"node_type": node_type, "input": parameters}


def pipeline(dataset_id: str, depth: int = 16) -> dict[str, Any]:
    """Ten nodes, of which the last is one long call of compiled code."""
    nodes = [
        node("upload_file", dataset_id=dataset_id),
        node("missing_values", strategy="median", columns=["area", "age"]),
        node("calendar", column="day", parts=["month", "weekday", "day_of_year"]),
        node("encoding", method="one_hot", columns=["city"]),
        node("encoding", method="target", columns=["street"]),
        node("transform", method="yeo_johnson", columns=["area", "income"]),
        node("scaling", method="standard", columns=["area", "age", "income"]),
        node("feature_selection", method="f_score", k=10),
        node("split", target="price", random_state=1),
        node("decision_tree", max_depth=depth),
    ]
    return {"pipeline_name": "million", "pipeline": nodes}


def table(rows: int) -> pd.DataFrame:
    """Invented houses."""
    random = np.random.default_rng(1)
    area, age = random.uniform(20, 200, rows), random.uniform(0, 90, rows)
    street = random.integers(0, 5000, rows)
    price = 3 * area - age + street / 100 + random.normal(0, 20, rows)
    area[random.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "area": area,
            "age": age,
            "income": random.lognormal(10, 1, rows),
            "rooms": random.integers(1, 8, rows),
            "floor": random.integers(0, 20, rows),
            "city": random.choice(["Ankara", "Bursa", "Izmir", "Van", "Rize"], rows),
            "street": np.char.add("street ", street.astype(str)),
            "day": np.datetime64("2024-01-01") + random.integers(0, 700, rows).astype("timedelta64[D]"),
            "price": price,
        }
    )


def main() -> None:
    """Start what it takes, then measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with nightly.own_servers() as (state, _):
        nightly.migrate()
        with nightly.worker(state, 1, "pipelines"):
            measure(state, given.rows)


def measure(state: Path, rows: int) -> None:
    """The tables."""
    from siprems_backend.extensions.database import database
    from siprems_backend.utils.roles import Role
    from tests import factories

    owner = factories.make_principal(database, Role.ANALYST)
    dataset_id = add(table(rows), owner)
    print("process                    peak MB")
    with watched() as peaks:
        seen, task, seconds = run(pipeline(dataset_id), owner)
    for name, megabytes in peaks.items():
        print(f"{name:26} {megabytes:8.0f}")
    print(
        f"\n{rows:,} rows, {seconds:.1f} s in all\n{'node':20} {'seen at s':>10} {'took s':>8} {'columns':>8}"
    )
    for number, result in enumerate(task.result["results"], start=1):
        at = f"{seen[number]:10.2f}" if number in seen else f"{'never':>10}"
        print(f"{result['node_type']:20} {at} {result['seconds']:8.2f} {len(result['columns']):8}")
    print(f"\n{'cancelled at':20} {'after s':>8} {'ended s':>8} {'process gone s':>15} {'left':>6}")
    for number, after in CANCELLED_AT:
        if number < len(task.result["results"]):
            shutil.rmtree(state / "data" / "pipelines" / "cache", ignore_errors=True)
            body = pipeline(dataset_id)
        else:
            # The nodes before are found, so that the model comes at once.
            body = pipeline(dataset_id, depth=20 + int(after))
            if not any((state / "data" / "pipelines" / "cache").glob("*/*")):
                run(pipeline(dataset_id), owner)
        name = body["pipeline"][number - 1]["node_type"]
        ended, gone, left = cancelled(body, owner, number, after, state)
        print(f"{name:20} {after:8.1f} {ended:8.2f} {gone:15.2f} {left:6}", flush=True)
    print(f"\n{'the last node':20} {'in all s':>8} {'nodes s':>8} {'found':>6}")
    # The first of them starts another guard, as the last run was cancelled.
    for depth in (3, 16, 4):
        _, task, seconds = run(pipeline(dataset_id, depth), owner)
        results = task.result["results"]
        spent, found = sum(each["seconds"] for each in results), sum(each["cached"] for each in results)
        print(f"max_depth {depth:<10} {seconds:8.1f} {spent:8.1f} {found:6}", flush=True)


def add(frame: pd.DataFrame, owner: Any) -> str:
    """A dataset of the frame."""
    import io

    from siprems_backend.services import datasets
    from siprems_backend.services.datasets import uploads
    from tests.services.datasets.conftest import Sent

    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    record = uploads.receive(Sent(content.getvalue(), "million.parquet"), owner)
    datasets.convert(record.id)
    return str(record.id)


def run(body: dict[str, Any], owner: Any) -> tuple[dict[int, float], Any, float]:
    """Run to the end: when each node was first seen in the ledger, the task, seconds in all."""
    from siprems_backend.services import task_registry
    from siprems_backend.services.task_registry import TaskKind, states

    began, seen = time.perf_counter(), dict[int, float]()
    task_id = task_registry.submit(TaskKind.EXECUTE_PIPELINE, {"body": body}, owner=owner).task_id
    while (task := task_registry.get(task_id, owner)).status not in states.TERMINAL:
        if task.progress and task.progress.get("current_node"):
            seen.setdefault(task.progress["current_node"], time.perf_counter() - began)
        time.sleep(LOOK_EVERY_SECONDS)
    assert task.status == states.SUCCESS, task.message
    return seen, task, time.perf_counter() - began


def cancelled(
    body: dict[str, Any], owner: Any, number: int, after: float, state: Path
) -> tuple[float, float, int]:
    """Cancel while a node works: seconds until the task had ended, and until its process had; files left."""
    from siprems_backend.services import task_registry
    from siprems_backend.services.task_registry import TaskKind, states

    task_id = task_registry.submit(TaskKind.EXECUTE_PIPELINE, {"body": body}, owner=owner).task_id
    while (_node(task_id, owner) or 0) < number:
        time.sleep(LOOK_EVERY_SECONDS / 2)
    time.sleep(after)
    assert _node(task_id, owner) == number, "the node was over before it was cancelled"
    running = [process for process in _processes() if _role(process) == "the run"]
    began = time.perf_counter()
    task_registry.cancel(task_id, owner)
    while (task := task_registry.get(task_id, owner)).status not in states.TERMINAL:
        time.sleep(LOOK_EVERY_SECONDS)
    ended = time.perf_counter() - began
    assert task.status == states.REVOKED, task.status
    psutil.wait_procs(running)
    gone = time.perf_counter() - began
    return ended, gone, sum(path.is_file() for path in (state / "data" / "task_files").rglob("*"))


def _node(task_id: UUID, owner: Any) -> int | None:
    from siprems_backend.services import task_registry

    return (task_registry.get(task_id, owner).progress or {}).get("current_node")


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Peaks of resident memory by kind of process, in MB, while the block runs."""
    peaks: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            for process in _processes():
                try:
                    name, used = _role(process), process.memory_info().rss / 1e6
                except psutil.Error:
                    continue
                peaks[name] = max(peaks.get(name, 0), used)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def _processes() -> list[psutil.Process]:
    """The worker's and those below it."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if "celery" in command or "tool_process" in command:
            found.append(child)
    return found


def _role(process: psutil.Process) -> str:
    """What a process is for."""
    if "tool_process" not in " ".join(process.cmdline()):
        return "the worker's"
    parent = process.parent()
    above = "" if parent is None else " ".join(parent.cmdline())
    return "the run" if "tool_process" in above else "the guard that waits"


if __name__ == "__main__":
    main()

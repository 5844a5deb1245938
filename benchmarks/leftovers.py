"""What an instance holds: memory and files of its processes, Redis, rows; and whether that grows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from statistics import fmean

import psutil
import psycopg2
import redis

from benchmarks.processes import Instance

TABLES = ("tasks", "task_logs", "artifacts", "forecasts", "schedule_slots", "idempotent_answers")


@dataclass(frozen=True)
class Held:
    """One look. Memory in MiB, resident; of several processes of a kind the largest and the most files."""

    web_mb: float
    web_fds: float
    main_mb: float
    main_fds: float
    pool_mb: float
    pool_fds: float
    redis_mb: float
    redis_keys: float
    rows: float
    database_mb: float
    files: float


NAMES = [field.name for field in fields(Held)]


def look(port: int, environment: Mapping[str, str]) -> Held:
    """What the instance of this port and environment holds now."""
    instance = Instance.at(port)
    workers = instance.programs["worker"]
    pids = {process.pid for process in workers}
    pool = [process for process in workers if process.ppid() in pids]
    base = environment["REDIS_URL"]
    clients = [redis.Redis.from_url(f"{base}/{number}") for number in range(3)]
    return Held(
        *_most(instance.programs["web"]),
        *_most([process for process in workers if process not in pool]),
        *_most(pool),
        redis_mb=clients[0].info("memory")["used_memory"] / 2**20,
        redis_keys=sum(client.dbsize() for client in clients),
        rows=sum(rows_left(environment).values()),
        database_mb=query(environment, "SELECT pg_database_size(current_database())")[0][0] / 2**20,
        files=sum(
            len(names)
            for folder in ("MODELS_DIR", "DATA_DIR")
            for _, _, names in os.walk(environment[folder])
        ),
    )


def _most(processes: list[psutil.Process]) -> tuple[float, float]:
    """The memory of the largest and the most file descriptors of any."""
    memory, descriptors = [0.0], [0]
    for process in processes:
        try:
            memory.append(process.memory_info().rss / 2**20)
            descriptors.append(process.num_fds())
        except psutil.Error:
            continue
    return max(memory), max(descriptors)


def rows_left(environment: Mapping[str, str]) -> dict[str, int]:
    """Rows of every table that grows with tasks."""
    return {table: query(environment, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def query(environment: Mapping[str, str], statement: str) -> list[tuple[int, ...]]:
    """Rows of a statement, on a connection of its own."""
    connection = psycopg2.connect(environment["DATABASE_URL"].replace("+psycopg2", ""))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def header() -> str:
    """The names over `line`."""
    return "".join(f"{name:>12}" for name in NAMES)


def line(held: Held) -> str:
    """One look, as the rest of a row."""
    return "".join(f"{getattr(held, name):>12.1f}" for name in NAMES)


def print_quarters(looks: list[Held]) -> None:
    """Means of the first and the last quarter of all looks, and by how much they differ."""
    quarter = max(1, len(looks) // 4)
    print(f"\n{'':14}{'first quarter':>14}{'last quarter':>14}{'difference':>12}")
    for name in NAMES:
        first, last = (
            fmean(getattr(held, name) for held in part) for part in (looks[:quarter], looks[-quarter:])
        )
        print(f"{name:14}{first:>14.1f}{last:>14.1f}{last - first:>+12.1f}")

"""Clients that follow tasks, all on one web process, and what the API beside them feels of it.

    .venv/bin/python -m benchmarks.live_streams [--clients 0 50 200] [--tasks 20] [--seconds 20]

Tasks report twice a second, with three log lines each time. Every client must hear every line once, in order,
and the end of its task: `lost` and `doubled` count what differs. `behind` is the time from the writing of a
line until a client has it. One more client asks the API 50 times a second meanwhile.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

from benchmarks.ledger_web import LedgerWeb, ledger_web, paced, percentile

REPORTS_PER_SECOND = 2
LINES_PER_REPORT = 3
API_PER_SECOND = 50


@dataclass
class Client:
    """What one client has heard: (time of arrival, bytes)."""

    connection: socket.socket
    parts: list[tuple[float, bytes]] = field(default_factory=list)


def main() -> None:
    """Measure with each number of clients and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, nargs="+", default=[0, 50, 200])
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    print(
        f"{'clients':>8}{'API p50':>9}{'p99 ms':>8}{'max':>7}{'web CPU %':>11}{'RSS MB':>8}{'threads':>9}"
        f"{'events':>9}{'behind p50':>12}{'p99 ms':>8}{'lost':>6}{'doubled':>9}",
        flush=True,
    )
    limit = str(max(given.clients) + 1)
    with ledger_web(LIVE_STREAMS=limit, LIVE_STREAMS_PER_USER=limit) as web:
        for clients in given.clients:
            measure(web, clients, given.tasks, given.seconds)


def measure(web: LedgerWeb, clients: int, tasks: int, seconds: float) -> None:
    """One line of the table."""
    from siprems_backend.services.task_registry import TaskKind, lifecycle

    chunk = {"product_ids": [1]}
    claims = [lifecycle.claim(uuid4(), TaskKind.TRAIN_CHUNK, chunk, "worker@benchmark") for _ in range(tasks)]
    ids = [held.task_id for held in claims if held is not None]
    context = get_context("fork")
    ours, theirs = context.Pipe()
    following = context.Process(target=follow, args=(web, ids, clients, theirs))
    following.start()
    ours.recv()
    working = context.Process(target=work, args=(claims, seconds))
    working.start()
    before = web.process.cpu_times()
    paths = [f"/tasks/{ids[0]}", "/products?page_size=20", "/tasks/active"]
    api = paced(web, paths, API_PER_SECOND, seconds)
    after = web.process.cpu_times()
    memory, threads = web.memory_mb(), web.process.num_threads()
    heard = ours.recv()
    working.join()
    following.join()
    cpu = 100 * (after.user + after.system - before.user - before.system) / seconds
    lost, doubled, behind, events = judged(heard, int(seconds * REPORTS_PER_SECOND) * LINES_PER_REPORT)
    print(
        f"{clients:>8}{percentile(api, 0.5):>9.1f}{percentile(api, 0.99):>8.1f}{api[-1]:>7.1f}{cpu:>11.0f}"
        f"{memory:>8.0f}{threads:>9}{events:>9}{percentile(behind, 0.5):>12.0f}"
        f"{percentile(behind, 0.99):>8.0f}{lost:>6}{doubled:>9}",
        flush=True,
    )


def work(claims: list[Any], seconds: float) -> None:
    """All tasks, as their workers would write them in the ledger."""
    from siprems_backend.extensions.database import database
    from siprems_backend.services.task_registry import lifecycle
    from siprems_backend.utils import clock

    database.forget_connections()
    reports = int(seconds * REPORTS_PER_SECOND)
    pause = 1 / (REPORTS_PER_SECOND * len(claims))
    began = time.perf_counter()
    for number in range(reports * len(claims)):
        time.sleep(max(0.0, began + number * pause - time.perf_counter()))
        done, place = divmod(number, len(claims))
        first = done * LINES_PER_REPORT
        lines = [(clock.now(), "INFO", str(line)) for line in range(first, first + LINES_PER_REPORT)]
        lifecycle.report(claims[place], done, reports, f"{done} of {reports}", lines)
    for held in claims:
        lifecycle.succeed(held, {"status": "success"}, [])


def follow(web: LedgerWeb, ids: list[Any], count: int, results: Connection) -> None:
    """All clients: says when all have their first words, and at the end what each has heard."""
    selector = selectors.DefaultSelector()
    clients = [Client(socket.create_connection(("127.0.0.1", web.port))) for _ in range(count)]
    for place, client in enumerate(clients):
        path = f"/tasks/{ids[place % len(ids)]}/events"
        head = f"GET {path} HTTP/1.0\r\nAuthorization: {web.headers['Authorization']}\r\n\r\n"
        client.connection.sendall(head.encode())
        selector.register(client.connection, selectors.EVENT_READ, client)
    while not all(client.parts for client in clients):
        _listen(selector)
    results.send("ready")
    while selector.get_map():
        _listen(selector)
    results.send([client.parts for client in clients])


def _listen(selector: selectors.BaseSelector) -> None:
    for key, _ in selector.select():
        client: Client = key.data
        data = client.connection.recv(65536)
        client.parts.append((time.time(), data))
        if not data:
            selector.unregister(client.connection)
            client.connection.close()


def judged(heard: list[list[tuple[float, bytes]]], lines: int) -> tuple[int, int, list[float], int]:
    """Lines and ends that were lost, lines told twice or late, milliseconds behind (sorted), all events."""
    lost = doubled = count = 0
    behind = [0.0]
    for parts in heard:
        told = []
        ended = False
        for arrived, event in events_of(parts):
            count += 1
            if b"\nevent: log\n" in event:
                data = json.loads(event.partition(b"\ndata: ")[2])
                told.append(int(data["message"]))
                behind.append(1000 * (arrived - datetime.fromisoformat(data["time"]).timestamp()))
            ended = ended or (b"\nevent: state\n" in event and b'"status":"SUCCESS"' in event)
        lost += lines - len(set(told)) + (not ended)
        doubled += len(told) - len(set(told)) + (told != sorted(told))
    return lost, doubled, sorted(behind), count


def events_of(parts: list[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """Each event with the time at which its end arrived."""
    rest = b""
    for arrived, data in parts:
        *events, rest = (rest + data).split(b"\n\n")
        yield from ((arrived, event) for event in events if event.startswith(b"id: "))


if __name__ == "__main__":
    main()

"""Clients that ask without a pause, each in a process of its own."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from benchmarks.instance import Api
from benchmarks.processes import Instance

WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Request:
    """What a client asks; `field` must be in the answer."""

    method: str
    path: str
    body: Any = None
    field: str | None = None


@dataclass(frozen=True)
class Result:
    """Sorted latencies, calls a second, and CPU milliseconds a request."""

    latencies: list[float]
    rate: float
    web: float
    database: float
    clients: float

    def __format__(self, _spec: str) -> str:
        """One line of the table."""
        at = self.latencies
        high = at[int(len(at) * 0.99) - 1]
        return (
            f"{self.rate:>9.0f}{at[len(at) // 2]:>8.1f}{high:>8.1f}{at[-1]:>8.1f}"
            f"{self.web:>8.2f}{self.database:>10.2f}{self.clients:>9.2f}"
        )


def run(api: Api, requests: list[Request], clients: int, seconds: float, instance: Instance) -> Result:
    """Let so many clients ask for so long, after a warm-up that is not counted."""
    context = get_context("fork")
    together = context.Barrier(clients + 1)
    pipes, processes = [], []
    for place in range(clients):
        ours, theirs = context.Pipe()
        turned = requests[place % len(requests) :] + requests[: place % len(requests)]
        process = context.Process(target=_ask, args=(api, turned, seconds, together, theirs))
        process.start()
        pipes.append(ours)
        processes.append(process)
    together.wait()
    before = instance.cpu_seconds()
    answers = [pipe.recv() for pipe in pipes]
    after = instance.cpu_seconds()
    for process in processes:
        process.join()
    latencies = sorted(taken for answer in answers for taken in answer[0])
    count = len(latencies)
    web, database = (1000 * (after[name] - before[name]) / count for name in ("web", "database"))
    spent = 1000 * sum(answer[1] for answer in answers) / count
    return Result(latencies, count / seconds, web, database, spent)


def _ask(api: Api, requests: list[Request], seconds: float, together: Barrier, results: Connection) -> None:
    """One client: warm up, wait for the others, ask until the time is over."""
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    bodies = [None if request.body is None else json.dumps(request.body) for request in requests]
    for answer in _answers(api, connection, requests, bodies, WARM_UP_SECONDS):
        field = requests[0].field
        assert field is None or field in json.loads(answer[1]), "the answer lacks what was asked for"
    together.wait()
    began = time.process_time()
    latencies = [taken for taken, _ in _answers(api, connection, requests, bodies, seconds)]
    results.send((latencies, time.process_time() - began))


def _answers(
    api: Api,
    connection: http.client.HTTPConnection,
    requests: list[Request],
    bodies: list[str | None],
    seconds: float,
) -> Any:
    """(milliseconds, body) of one answer after the other."""
    headers = api.headers
    end = time.perf_counter() + seconds
    place = 0
    while (began := time.perf_counter()) < end:
        request, body = requests[place % len(requests)], bodies[place % len(requests)]
        connection.request(request.method, request.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in {200, 202}, text
        yield (time.perf_counter() - began) * 1000, text
        place += 1

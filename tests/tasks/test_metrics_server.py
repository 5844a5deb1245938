"""A worker's own page of figures."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from siprems_backend.config import Settings, get_settings
from siprems_backend.services import metrics
from siprems_backend.tasks import metrics_server
from siprems_backend.tasks.metrics_server import MetricsServer
from tests.metrics import parse

TOKEN = "a token for monitoring"


@pytest.fixture
def port(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server on a port of its own, opened by the setting."""
    with monkeypatch.context() as patch:
        patch.setenv("METRICS_TOKEN", TOKEN)
        get_settings.cache_clear()
        metrics._registry.cache_clear()
        with MetricsServer(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield server.server_address[1]
            server.shutdown()
            thread.join()
    get_settings.cache_clear()
    metrics._registry.cache_clear()


def ask(port: int, path: str = "/metrics", method: str = "GET", **headers: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers["Content-Type"], body


def test_it_tells_of_the_worker_alone(port: int) -> None:
    status, content_type, body = ask(port, Authorization=f"Bearer {TOKEN}")
    assert (status, content_type.split(";")[0]) == (200, "text/plain")
    names = {name for name, _ in parse(body)}
    assert {"siprems_build_info", "siprems_processes", "siprems_disk_free_bytes"} <= names
    # What the servers know is told once, by the web.
    assert not names & {"siprems_database_up", "siprems_queue_tasks", "siprems_broker_up"}


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}])
def test_only_the_token_opens(port: int, given: dict[str, str]) -> None:
    status, _, body = ask(port, **given)
    assert status == 401
    assert TOKEN not in body


@pytest.mark.parametrize("path", ["/", "/metrics/", "/../metrics", "/metrics2"])
def test_nothing_else_is_there(port: int, path: str) -> None:
    assert ask(port, path, Authorization=f"Bearer {TOKEN}")[0] == 404
    assert ask(port, "/metrics?name=x", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_only_reading_is_offered(port: int) -> None:
    assert ask(port, method="POST", Authorization=f"Bearer {TOKEN}")[0] == 501


def test_noise_does_not_stop_it(port: int) -> None:
    for noise in (
        b"",
        b"\0\xff\r\n\r\n",
        b"GET " + b"x" * 100_000,
        b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 500,
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(noise)
    assert ask(port, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_a_caller_who_says_nothing_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_server._Handler, "timeout", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as silent:
        assert ask(port, Authorization=f"Bearer {TOKEN}")[0] == 200
        assert silent.recv(1) == b""


def test_without_a_token_or_a_port_nothing_listens(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(metrics_server.metrics_files, "share", lambda: opened.append(1))
    for port, token in ((0, TOKEN), (9808, "")):
        values = {"worker_metrics_port": port, "metrics_token": type(migrated.metrics_token)(token)}
        metrics_server.open_to_monitoring(migrated.model_copy(update=values))
    assert opened == []

"""Submitting to a broker that has stopped without a word: connections to it open, and nothing answers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from siprems_backend.config import Settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.utils.roles import Role
from siprems_local.valkey import ValkeyServer
from tests import factories
from tests.servers import running_valkey

PATIENCE_SECONDS = 30


@pytest.fixture
def broker(database: Database, migrated: Settings, tmp_path: Path) -> Iterator[ValkeyServer]:
    """A broker of this test's own, bound as the web application binds its broker."""
    with running_valkey(tmp_path) as server:
        queue.bind_queue(migrated.model_copy(update={"celery_broker_url": server.url(0)}), impatient=True)
        queue.celery._after_fork()
        yield server
        _let_run(server)
        queue.bind_queue(migrated)
        queue.celery._after_fork()


@pytest.fixture
def client(as_role: Callable[[Role], FlaskClient], database: Database) -> FlaskClient:
    factories.make_product(database, "A")
    return as_role(Role.ANALYST)


def _freeze(server: ValkeyServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)


def _let_run(server: ValkeyServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGCONT)


def _is_queued(client: FlaskClient) -> bool:
    answer = client.post("/predict/async", json={"product_sku": "A"})
    assert answer.status_code == 202
    return bool(answer.get_json()["queued"])


def test_a_frozen_broker_holds_nobody(broker: ValkeyServer, client: FlaskClient) -> None:
    assert _is_queued(client)
    _freeze(broker)
    # All of these are answered although nothing has moved in the broker meanwhile.
    assert [_is_queued(client) for _ in range(20)] == [False] * 20
    _let_run(broker)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_queued(client):
        assert time.monotonic() < deadline, "the broker that runs again is never asked"
    assert _is_queued(client)


def test_a_web_process_waits_less_than_its_clients_are_promised(broker: ValkeyServer) -> None:
    options = queue.celery.conf.broker_transport_options
    assert options["socket_timeout"] + options["max_retries"] < 0.1
    assert options["socket_connect_timeout"] < 0.1


def test_a_worker_has_more_patience(migrated: Settings, broker: ValkeyServer) -> None:
    queue.bind_queue(migrated)
    assert queue.celery.conf.broker_transport_options["socket_timeout"] >= 5

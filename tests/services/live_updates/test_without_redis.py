"""Following tasks while Redis is away, and after it has come back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient

from siprems_backend.config import Settings
from siprems_backend.extensions.cache import cache
from siprems_backend.services import task_registry
from siprems_backend.services.live_updates import feed, service
from siprems_backend.services.task_registry import TaskKind, lifecycle
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.following import Follower, forget_streams, wait_until


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    forget_streams()


@pytest.fixture
def operator(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.OPERATOR)


@contextmanager
def redis_away(settings: Settings) -> Iterator[None]:
    """Point the cache at a port on which nobody listens; back again at the end."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{held.getsockname()[1]}/2"
        cache.bind(settings.model_copy(update={"cache_url": url}))
        try:
            yield
        finally:
            cache.bind(settings)


def test_streams_go_on_without_redis_and_with_it_again(migrated: Settings, operator: FlaskClient) -> None:
    with redis_away(migrated):
        task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id
        follower = Follower(operator.get(f"/tasks/{task_id}/events").iter_encoded())
        follower.heard(lambda: follower.states == ["PENDING"], "the snapshot")
        held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
        assert held is not None
        lifecycle.report(held, 1, 2, "Half", [(clock.now(), "INFO", "while away")])
        follower.heard(lambda: follower.lines == ["while away"], "a line")
        assert not service.hub.is_fed
    wait_until(lambda: service.hub.is_fed, "the return of Redis")
    lifecycle.succeed(held, None, [(clock.now(), "INFO", "back again")])
    follower.end()
    assert follower.lines == ["while away", "back again"]
    assert follower.states[-1] == "SUCCESS"


def test_a_lost_connection_is_made_again(operator: FlaskClient) -> None:
    task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id
    follower = Follower(operator.get(f"/tasks/{task_id}/events").iter_encoded())
    wait_until(lambda: service.hub.is_fed, "the subscription")
    cache.client.client_kill_filter(_type="pubsub")
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    lifecycle.succeed(held, None, [])
    follower.end()
    assert follower.states[-1] == "SUCCESS"


def test_a_server_that_says_nothing_any_more_is_noticed(
    operator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that lost its other end keeps as silent as one on which nothing happens."""
    monkeypatch.setattr(feed, "LISTEN_SECONDS", 0.05)
    monkeypatch.setattr(feed, "ASK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(feed, "LOST_AFTER_SECONDS", 0.5)
    task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id
    follower = Follower(operator.get(f"/tasks/{task_id}/events").iter_encoded())
    wait_until(lambda: service.hub.is_fed, "the subscription")
    follower.heard(lambda: follower.states == ["PENDING"], "the snapshot")
    cache.client.client_pause(3000)
    wait_until(lambda: not service.hub.is_fed, "somebody to notice")
    wait_until(lambda: service.hub.is_fed, "the server's return")
    assert follower.states == ["PENDING"]

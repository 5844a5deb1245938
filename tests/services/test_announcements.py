"""Announcing changes: to whoever listens, and hardly ever to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import orjson
import pytest
from redis.client import PubSub

from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind, announcements, lifecycle
from siprems_backend.services.task_registry.announcements import CHANNEL


@pytest.fixture(autouse=True)
def unhurried(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence that lasts longer than any test, from now on."""
    monkeypatch.setattr(announcements, "UNHEARD_SECONDS", 3600.0)
    monkeypatch.setattr(announcements, "_publisher", announcements._Publisher())
    cache.client.config_resetstat()


@pytest.fixture
def listener(unhurried: None) -> Iterator[PubSub]:
    subscription = cache.client.pubsub(ignore_subscribe_messages=True)
    subscription.subscribe(CHANNEL)
    assert subscription.get_message(timeout=5) is None
    yield subscription
    subscription.close()


def run_one() -> UUID:
    task_id = task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id
    held = lifecycle.claim(task_id, TaskKind.TRAIN_PRODUCT, {}, "worker@host")
    assert held is not None
    assert lifecycle.succeed(held, None, [])
    return task_id


def heard(listener: PubSub, count: int) -> list[tuple[str, str]]:
    messages = [listener.get_message(timeout=5) for _ in range(count)]
    news = [orjson.loads(message["data"]) for message in messages if message]
    return [(update["task_id"], update["status"]) for update in news]


def published() -> int:
    return int(cache.client.info("commandstats").get("cmdstat_publish", {"calls": 0})["calls"])


def test_every_change_is_heard(listener: PubSub) -> None:
    first, second = str(run_one()), str(run_one())
    assert heard(listener, 4) == [
        (task, status) for task in (first, second) for status in ("STARTED", "SUCCESS")
    ]


def test_nobody_is_told_once_in_a_while() -> None:
    run_one()
    run_one()
    assert published() == 1


def test_after_a_while_somebody_may_listen(listener: PubSub) -> None:
    listener.unsubscribe(CHANNEL)
    assert listener.get_message(timeout=5) is None
    run_one()
    listener.subscribe(CHANNEL)
    assert listener.get_message(timeout=5) is None
    announcements._publisher._silent_until = 0.0
    task = str(run_one())
    assert heard(listener, 2) == [(task, "STARTED"), (task, "SUCCESS")]

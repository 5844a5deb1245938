"""Subscriptions of users, and settings that let them lead to this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import Event
from siprems_backend.services.task_registry import TaskKind, lifecycle
from siprems_backend.utils.roles import Role
from tests import factories


@contextmanager
def settings_of(**values: str) -> Iterator[None]:
    """The settings with these values."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


@pytest.fixture
def local_allowed(database: Database) -> Iterator[None]:
    """Webhooks may be on this machine, and without TLS."""
    with settings_of(WEBHOOK_ALLOW_PRIVATE="true", WEBHOOK_ALLOW_HTTP="true"):
        yield


@pytest.fixture
def owner(database: Database) -> Principal:
    """An analyst with a task or two."""
    return factories.make_principal(database)


@pytest.fixture
def subscribe(database: Database) -> Callable[..., int]:
    """Makes a subscription; its id."""

    def make(owner: Principal, target: str = "https://hooks.example.com/", **values: Any) -> int:
        values = {"channel": "webhook", "secret": "whsec_test", "events": list(Event), **values}
        row = Subscription(owner_id=owner.user_id, target=target, **values)
        with database.transaction() as session:
            session.add(row)
        return row.id

    return make


@pytest.fixture
def deliveries(database: Database) -> Callable[[], list[Delivery]]:
    """All deliveries, the oldest first."""

    def read() -> list[Delivery]:
        with database.reading() as session:
            return session.query(Delivery).order_by(Delivery.id).all()

    return read


def end_task(
    owner: Principal | None, kind: TaskKind = TaskKind.TRAIN_PRODUCT, result: Any = None, error: str = ""
) -> str:
    """Submit a task and end it as a worker would; its id."""
    task_id = task_registry.submit(kind, {"product_sku": "X"}, owner=owner).task_id
    held = lifecycle.claim(task_id, kind, {}, "worker-1")
    assert held is not None
    if error:
        assert lifecycle.fail(held, ValueError(error), "", [])
    else:
        assert lifecycle.succeed(held, result, [])
    return str(task_id)


def make_operator(database: Database) -> Principal:
    """Somebody who is told of the system's own tasks."""
    return factories.make_principal(database, Role.OPERATOR)

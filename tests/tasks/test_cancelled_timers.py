"""What stays in the heap of a worker's event loop."""

from __future__ import annotations

import random
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from celery.concurrency import asynpool
from hypothesis import given
from hypothesis import strategies as st
from kombu.asynchronous import Hub
from kombu.asynchronous.timer import Entry, Timer

from siprems_backend.extensions.database import Database
from siprems_backend.tasks.cancelled_timers import forget_cancelled
from siprems_backend.tasks.steward import Steward

SOON, LATE = 0.001, 1500.0


def nothing() -> None:
    """What a timer of a time limit would do if it rang."""


def run_until(hub: Hub, done: Any) -> None:
    """Turn the event loop until `done()`."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        hub.run_once()


def test_kombu_keeps_its_entries_where_we_look_for_them() -> None:
    timer = Timer()
    entry = timer.call_after(LATE, nothing)
    assert [event.entry for event in timer._queue] == [entry]
    assert not entry.canceled
    entry.cancel()
    assert entry.canceled
    # The reason why this is needed; when kombu forgets them itself, it can go.
    assert len(timer) == 1


def test_a_loop_with_many_cancelled_timers_shrinks_and_rings_the_others_in_order() -> None:
    hub = Hub()
    rung: list[int] = []
    # The generator of the loop has taken hold of the heap by now.
    run_until(hub, lambda: True)
    heap, now = hub.timer._queue, time.monotonic()
    for number in random.Random(1).sample(range(50), 50):
        hub.call_at(now + SOON * number, rung.append, number)
        for _ in range(200):
            hub.call_later(LATE, nothing).cancel()
    assert len(hub.timer) == 10_050
    assert forget_cancelled(hub.timer) == 10_000
    assert len(hub.timer) == 50
    assert hub.timer._queue is heap
    run_until(hub, lambda: len(rung) == 50)
    assert rung == list(range(50))
    hub.close()


def test_the_loop_can_do_it_while_it_rings() -> None:
    hub = Hub()
    rung: list[str] = []

    def tend() -> None:
        for _ in range(100):
            hub.call_later(0.0, rung.append, "cancelled").cancel()
        forget_cancelled(hub.timer)
        rung.append("tended")

    repeated = hub.call_repeatedly(SOON, tend)
    hub.call_later(SOON * 20, rung.append, "last")
    run_until(hub, lambda: "last" in rung and rung[-1] == "tended")
    assert set(rung) == {"tended", "last"}
    assert len(hub.timer) == 1
    repeated.cancel()
    assert forget_cancelled(hub.timer) == 1
    hub.close()


@given(st.lists(st.tuples(st.floats(0, 1e4), st.booleans()), max_size=60))
def test_what_is_left_is_the_heap_of_the_living(entries: list[tuple[float, bool]]) -> None:
    timer = Timer()
    for at, cancelled in entries:
        entry = timer.enter_at(Entry(nothing), at)
        if cancelled:
            entry.cancel()
    assert forget_cancelled(timer) == sum(cancelled for _, cancelled in entries)
    assert [event.eta for event in timer.queue] == sorted(at for at, cancelled in entries if not cancelled)
    assert forget_cancelled(timer) == 0


@pytest.mark.parametrize("timer", [None, object(), SimpleNamespace(_queue={}), SimpleNamespace(_queue=())])
def test_another_kind_of_timer_is_left_alone(timer: Any) -> None:
    assert forget_cancelled(timer) == 0


def test_celery_holds_an_ended_task_by_its_timer_alone() -> None:
    """Celery's own table of timers holds them weakly: forgotten here, they are gone."""
    pool: Any = SimpleNamespace(_on_soft_timeout=nothing, _on_hard_timeout=nothing)
    hub = Hub()
    asynpool.AsynPool._create_timelimit_handlers(pool, hub)
    for number in range(100):
        job = SimpleNamespace(_job=number)
        pool.on_timeout_set(job, LATE, LATE + 300)
        if number:
            pool.on_timeout_cancel(job)
    kept = hub.timer._queue[0].entry
    assert forget_cancelled(hub.timer) == 99
    assert list(pool._tref_for_id) == [0]
    # The heap, this function and the call that asks.
    assert sys.getrefcount(kept) == 3
    hub.close()


def test_a_worker_does_it_with_every_look_after_itself(database: Database) -> None:
    from siprems_backend.celery_app import celery

    assert Steward in celery.steps["worker"]
    hub = Hub()
    pool = SimpleNamespace(_pool=SimpleNamespace(_pool=[]))
    queues = SimpleNamespace(consume_from={})
    app = SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    worker = SimpleNamespace(hostname="w1@here", concurrency=2, timer=hub.timer, pool=pool, app=app)
    steward = Steward(worker)
    for _ in range(100):
        hub.call_later(LATE, nothing).cancel()
    steward.start(worker)
    # The steward's own, which calls it again.
    assert len(hub.timer) == 1
    steward.stop(worker)
    hub.close()

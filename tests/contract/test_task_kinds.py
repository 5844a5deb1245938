"""Every kind of task is registered, routed to a declared queue and has a handler."""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from celery.utils.imports import symbol_by_name

import siprems_backend
from siprems_backend.services import timetable
from siprems_backend.services.task_registry.fan_out import SUMMARIES
from siprems_backend.services.task_registry.kinds import DELIVERY, START_WITHIN, Queue, TaskKind
from siprems_backend.services.timing import slots_after


@pytest.fixture(scope="module")
def celery(migrated: object) -> Any:
    module = importlib.import_module("siprems_backend.celery_app")
    module.app.loader.import_default_modules()
    return module.app


def test_every_kind_is_a_registered_task_and_every_task_a_kind(celery: Any) -> None:
    registered = {name for name in celery.tasks if not name.startswith("celery.")}
    assert registered == {kind.value for kind in TaskKind}


def test_every_kind_is_routed_to_a_declared_queue(celery: Any) -> None:
    declared = {queue.name for queue in celery.conf.task_queues}
    assert declared == {queue.value for queue in Queue} == set(START_WITHIN)
    for kind in TaskKind:
        route = celery.conf.task_routes[kind.value]
        assert route["queue"] == DELIVERY[kind].queue.value
        assert route["queue"] in declared
        assert 0 <= route["priority"] <= 9


def test_every_task_keeps_the_ledger(celery: Any) -> None:
    from siprems_backend.tasks.base import LedgerTask

    for kind in TaskKind:
        assert isinstance(celery.tasks[kind.value], LedgerTask)


def test_the_original_names_stay() -> None:
    assert TaskKind.TRAIN_PRODUCT == "tasks.ml_tasks.train_product_model_task"
    assert TaskKind.PREDICT_STOCK == "tasks.ml_tasks.predict_stock_task"
    assert TaskKind.TRAIN_ALL == "tasks.ml_tasks.train_all_models"


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_dashboard_has_a_name_for_every_kind(language: str) -> None:
    words = Path(siprems_backend.__file__).parent / "dashboard" / "language" / language / "tasks.json"
    assert set(json.loads(words.read_text())["kind"]) == {kind.name for kind in TaskKind}


def test_fan_outs_can_be_joined() -> None:
    assert TaskKind.TRAIN_ALL in SUMMARIES
    assert TaskKind.REFRESH_FORECASTS in SUMMARIES
    assert TaskKind.BULK_WORKFLOWS in SUMMARIES


def test_beat_follows_the_timetable_on_the_ledger(celery: Any) -> None:
    from siprems_backend.tasks.ledger_scheduler import LedgerScheduler

    assert symbol_by_name(celery.conf.beat_scheduler) is LedgerScheduler
    # Celery's own schedule would be followed by every Beat, and by none that was down at the time.
    assert not celery.conf.beat_schedule
    entries = {entry.name: entry.kind for entry in timetable.entries()}
    assert len(entries) == len(list(timetable.entries()))
    assert entries["train-all-models-nightly"] is TaskKind.TRAIN_ALL
    assert entries["cleanup-old-tasks"] is TaskKind.CLEANUP
    assert entries["update-task-statistics"] is TaskKind.STATISTICS
    assert entries["health-check"] is TaskKind.HEALTH_CHECK
    assert entries["reconcile-ledger"] is TaskKind.RECONCILE
    assert entries["refresh-forecasts"] is TaskKind.REFRESH_FORECASTS


def test_the_next_nightly_run_is_at_two_utc() -> None:
    nightly = next(entry for entry in timetable.entries() if entry.kind is TaskKind.TRAIN_ALL)
    before = dt.datetime(2026, 3, 29, 1, 59, tzinfo=dt.UTC)
    days = itertools.islice(slots_after(nightly.timing, before), 2)
    assert [day.day for day in days] == [29, 30]
    assert nightly.timing.following(before) == dt.datetime(2026, 3, 29, 2, tzinfo=dt.UTC)


def test_messages_are_json_and_never_pickle(celery: Any) -> None:
    assert celery.conf.accept_content == ["json"]
    assert celery.conf.task_serializer == celery.conf.result_serializer == "json"


def test_a_message_outlives_the_hard_time_limit(celery: Any) -> None:
    assert celery.conf.broker_transport_options["visibility_timeout"] > celery.conf.task_time_limit
    assert celery.conf.task_acks_late
    assert celery.conf.worker_prefetch_multiplier == 1

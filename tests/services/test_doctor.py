"""The doctor, on a sound installation and on broken ones."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from siprems_backend.config import get_settings
from siprems_backend.extensions import redis_probe
from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.products import Product
from siprems_backend.models.schedules import ScheduleSlot
from siprems_backend.models.tasks import Task
from siprems_backend.services import (
    doctor,
    migrations,
    server_checks,
    settings_checks,
    volume_checks,
    worker_checks,
)
from siprems_backend.services.checks import State
from siprems_backend.services.regular_runs import RegularRuns
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils import clock
from tests.away import servers_away


def test_everything_but_workers_is_well(database: Database, models_dir: Path) -> None:
    found = dict(doctor.examine())
    well = {name for name, finding in found.items() if finding.state is State.OK}
    assert {"settings", "secrets", "database", "migrations", "clock", "models folder", "data folder"} <= well
    assert {"broker", "result backend", "cache", "waiting tasks", "models"} - well <= {"broker"}
    assert found["workers"].state is State.FAILED
    assert "./start_worker.sh worker" in found["workers"].advice
    assert found["Beat"].state is found["regular tasks"].state is State.WARNING


def test_nothing_is_there(database: Database, models_dir: Path) -> None:
    with servers_away():
        found = dict(doctor.examine())
    assert list(found) == [examination.name for examination in doctor.EXAMINATIONS]
    failed = {name for name, finding in found.items() if finding.state is State.FAILED}
    assert failed == {"database", "broker", "result backend", "cache"}
    # One cause is told once; what depends on it is not blamed.
    unknown = {name for name, finding in found.items() if finding.state is State.UNKNOWN}
    assert unknown == {"migrations", "clock", "workers", "Beat", "regular tasks", "waiting tasks", "models"}
    for name in failed:
        assert found[name].advice
        assert "secret" not in found[name].message + found[name].advice


def test_needs_name_earlier_examinations() -> None:
    seen: set[str] = set()
    for examination in doctor.EXAMINATIONS:
        assert examination.needs is None or examination.needs in seen
        seen.add(examination.name)


def test_a_schema_behind_the_program(database: Database) -> None:
    migrations.downgrade("base")
    try:
        finding = server_checks.schema()
    finally:
        migrations.upgrade()
    assert finding.state is State.FAILED
    assert "./siprems migrate" in finding.advice
    assert server_checks.schema().state is State.OK


def test_a_refused_password(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    url = get_settings().celery_broker_url
    head, _, server = url.rpartition("@")
    finding = server_checks._redis("CELERY_BROKER_URL", f"redis://:wrong@{server}", keeps_messages=True)
    assert head
    assert finding.state is State.FAILED
    assert "refuses the password" in finding.message
    assert "wrong" not in finding.message


def test_a_broker_that_forgets(database: Database) -> None:
    cache.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        finding = server_checks.broker()
    finally:
        cache.client.config_set("maxmemory-policy", "noeviction")
    assert finding.state is State.WARNING
    assert "noeviction" in finding.advice


def test_the_broker_s_settings_are_seen(database: Database) -> None:
    server = redis_probe.describe(get_settings().cache_url)
    assert server.version is not None
    assert server.eviction == "noeviction"
    assert server.append_only in {True, False}


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("redis://redis:6379/0", True),
        ("redis://:short@redis:6379/0", True),
        ("redis://:long-enough-to-be-hard@redis:6379/0", False),
        ("redis://localhost:6379/0", False),
        ("redis://127.0.0.1:6379/0", False),
    ],
)
def test_passwords_matter_where_others_can_reach(url: str, exposed: bool) -> None:
    assert settings_checks._is_exposed(url) is exposed


def test_a_queue_that_nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"celery@a": [{"name": "predictions"}, {"name": "training"}], "celery@b": None}
    monkeypatch.setattr(worker_checks.queue, "inspect_workers", lambda *_arguments: answers)
    finding = worker_checks.workers()
    assert finding.state is State.FAILED
    assert "QUEUES=notifications,pipelines,tools,maintenance,default" in finding.advice


def test_regular_work_done_and_missed(database: Database) -> None:
    task = _task(TaskKind.RECONCILE, status="SUCCESS", finished_at=clock.now())
    with database.transaction() as session:
        session.add(task)
    assert worker_checks.regular_tasks().state is State.OK
    with database.transaction() as session:
        session.merge(task).finished_at = clock.now() - timedelta(minutes=30)
    finding = worker_checks.regular_tasks()
    assert finding.state is State.FAILED
    assert "0:30:0" in finding.message
    assert "no worker takes them" in finding.advice


def test_a_beat_that_works_and_one_that_stopped(database: Database) -> None:
    RegularRuns().start_due()
    assert worker_checks.beat().state is State.OK
    with database.transaction() as session:
        session.execute(update(ScheduleSlot).values(taken_at=clock.now() - timedelta(hours=1)))
    finding = worker_checks.beat()
    assert finding.state is State.FAILED
    assert "1:00:0" in finding.message


def test_a_task_that_waits_for_long(database: Database) -> None:
    assert worker_checks.waiting().message == "none"
    with database.transaction() as session:
        session.add(_task(TaskKind.TRAIN_ALL, created_at=clock.now() - timedelta(hours=3)))
    finding = worker_checks.waiting()
    assert finding.state is State.WARNING
    assert "3:00:0" in finding.message


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = volume_checks._folder("MODELS_DIR", tmp_path / "file" / "models")
    assert finding.state is State.FAILED
    assert "MODELS_DIR" in finding.advice


def test_a_folder_keeps_no_trace_of_the_look(tmp_path: Path) -> None:
    assert volume_checks._folder("DATA_DIR", tmp_path / "new").state is State.OK
    assert list((tmp_path / "new").iterdir()) == []


def test_models_without_files(database: Database, models_dir: Path) -> None:
    with database.transaction() as session:
        product = Product(sku="A/B", name="A")
        session.add(product)
        session.flush()
        session.add(_artifact(product.id))
    finding = volume_checks.models()
    assert finding.state is State.FAILED
    assert "'A/B'" in finding.message
    (models_dir / "model_A%2FB.json").write_text("{ half")
    assert "0 have no file and 1 cannot be read" in volume_checks.models().message


def _task(kind: TaskKind, **values: object) -> Task:
    return Task(id=uuid.uuid4(), kind=kind.value, queue="maintenance", **values)


def _artifact(product_id: int) -> Artifact:
    return Artifact(
        product_id=product_id,
        version=1,
        is_active=True,
        engine="prophet",
        served_by="prophet",
        checksum="0" * 64,
        data_hash="0" * 64,
        size_bytes=1,
        training_samples=1,
        trained_at=clock.now(),
    )

"""Readiness, against real servers and without them."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import checks, health
from siprems_backend.services.checks import Finding, State, all_within, fine
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils import clock, disk
from tests.away import servers_away


def test_all_is_well(database: Database, models_dir: Path) -> None:
    found = health.readiness()
    assert found.ready
    assert list(found.checks) == ["database", "migrations", "broker", "models", "disk", "schedule"]
    needed = [found.checks[name].state for name in ("database", "migrations", "broker", "models")]
    assert needed == [State.OK] * 4


def test_regular_work_is_reported(database: Database) -> None:
    assert health.readiness().checks["schedule"].state is State.WARNING
    with database.transaction() as session:
        session.add(
            Task(
                id=uuid.uuid4(),
                kind=TaskKind.RECONCILE.value,
                queue="maintenance",
                status="SUCCESS",
                finished_at=clock.now(),
            )
        )
    assert health.readiness().checks["schedule"].state is State.OK


def test_old_regular_work_is_a_warning(database: Database) -> None:
    with database.transaction() as session:
        session.add(
            Task(
                id=uuid.uuid4(),
                kind=TaskKind.HEALTH_CHECK.value,
                queue="maintenance",
                status="SUCCESS",
                finished_at=clock.now() - 2 * health.REGULAR_WITHIN,
            )
        )
    found = health.readiness()
    assert found.checks["schedule"].state is State.WARNING
    assert found.ready


def test_a_file_in_the_place_of_the_folder(models_dir: Path) -> None:
    models_dir.rmdir()
    models_dir.write_text("in the way")
    try:
        found = health.readiness()
    finally:
        models_dir.unlink()
    assert not found.ready
    assert found.checks["models"].state is State.FAILED


def test_everything_is_away(database: Database) -> None:
    with servers_away():
        found = health.readiness()
    assert not found.ready
    states = {name: finding.state for name, finding in found.checks.items()}
    assert states["database"] is State.FAILED
    assert states["broker"] is State.FAILED
    assert states["migrations"] is State.UNKNOWN
    text = " ".join(finding.message for finding in found.checks.values())
    assert "127.0.0.1" not in text
    assert "secret" not in text


def test_a_look_that_hangs_is_given_up_on() -> None:
    end = threading.Event()

    def hang() -> Finding:
        end.wait()
        return fine("too late")

    try:
        found = all_within(0.05, {"hangs": hang, "works": lambda: fine("here")})
    finally:
        end.set()
    assert found["works"] == fine("here")
    assert found["hangs"] == Finding(State.FAILED, "no answer within 0.05 s")


def test_a_look_that_raises_is_a_failure() -> None:
    def fail() -> Finding:
        raise PermissionError("/a/path/nobody/should/see")

    assert all_within(5, {"fails": fail})["fails"] == Finding(
        State.FAILED, "could not be checked (PermissionError)"
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_000_000, "2.0 MB"), (3 * 10**15, "3000.0 TB")],
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert disk.as_text(size) == text


def test_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    assert disk.nearest_existing(wanted) == tmp_path
    assert disk.is_writable(wanted)
    assert disk.free_bytes(wanted) > 0


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not disk.is_writable(tmp_path / "file" / "below")


def test_states_are_the_api_s_words() -> None:
    assert [state.value for state in checks.State] == ["ok", "warning", "failed", "unknown"]

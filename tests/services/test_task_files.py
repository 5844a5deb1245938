"""Files of tasks: kept, listed, fetched, forgotten."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from siprems_backend.config import Settings, get_settings
from siprems_backend.errors import Gone, NotFound, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import housekeeping, task_files, task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind, fence, lifecycle
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories


@pytest.fixture(autouse=True)
def volume(migrated: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A data volume of the test's own, with room for a hundred bytes of files."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TASK_FILES_BYTES", "2048")
    monkeypatch.setenv("TOOL_OUTPUT_BYTES", "1024")
    get_settings.cache_clear()
    yield tmp_path / "data" / "task_files"
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database)


def submitted(owner: Principal) -> UUID:
    return task_registry.submit(TaskKind.RUN_TOOL, {"tool_name": "x"}, owner=owner).task_id


def keep(task_id: UUID, **contents: bytes) -> None:
    """Keep files as a run does; `a_txt` is the file a.txt."""
    factories.keep_files(task_id, {name.replace("_", "."): content for name, content in contents.items()})


def kept(volume: Path) -> list[str]:
    return sorted(path.name for path in volume.glob("kept/*/*"))


def end(database: Database, task_id: UUID, hours_ago: float) -> None:
    with database.transaction() as session:
        task = session.get_one(Task, task_id)
        task.status, task.finished_at = "SUCCESS", clock.now() - dt.timedelta(hours=hours_ago)


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_kept_files_are_listed_and_fetched(owner: Principal, volume: Path) -> None:
    task_id = submitted(owner)
    keep(task_id, b_txt=b"second", a_txt=b"first")
    listed = task_files.listing(task_id, owner)
    assert [(file["name"], file["size_bytes"], file["available"]) for file in listed] == [
        ("a.txt", 5, True),
        ("b.txt", 6, True),
    ]
    fetched = task_files.fetch(task_id, "a.txt", owner)
    assert fetched.path.read_bytes() == b"first"
    assert fetched.path.stat().st_mode & 0o777 == 0o640
    assert not list(volume.glob("scratch/*"))


def test_a_second_attempt_takes_the_place_of_the_first(owner: Principal, volume: Path) -> None:
    task_id = submitted(owner)
    keep(task_id, a_txt=b"first", b_txt=b"only once")
    keep(task_id, a_txt=b"second")
    assert kept(volume) == ["a.txt"]
    assert task_files.fetch(task_id, "a.txt", owner).path.read_bytes() == b"second"
    assert len(list(volume.glob("kept/*"))) == 1


def test_a_worker_that_lost_its_task_keeps_nothing(
    owner: Principal, database: Database, volume: Path
) -> None:
    task_id = submitted(owner)
    held = lifecycle.claim(task_id, TaskKind.RUN_TOOL, {}, "slow")
    assert held is not None
    with database.transaction() as session:
        session.get_one(Task, task_id).lease_expires_at = clock.now() - dt.timedelta(seconds=1)
    taken = lifecycle.claim(task_id, TaskKind.RUN_TOOL, {}, "fast")
    assert taken is not None
    with fence.holding(taken):
        keep(task_id, a_txt=b"of the fast one")
    with fence.holding(held), pytest.raises(TaskCancelled):
        keep(task_id, a_txt=b"of the slow one")
    assert kept(volume) == ["a.txt"]
    assert task_files.fetch(task_id, "a.txt", owner).path.read_bytes() == b"of the fast one"


def test_only_the_owner_and_operators_see_them(owner: Principal, database: Database) -> None:
    task_id = submitted(owner)
    keep(task_id, a_txt=b"mine")
    other, operator = (factories.make_principal(database, role) for role in (Role.ANALYST, Role.OPERATOR))
    for step in (task_files.listing, lambda task, caller: task_files.fetch(task, "a.txt", caller)):
        with pytest.raises(NotFound, match="No task with id"):
            step(task_id, other)
        assert step(task_id, operator)


@pytest.mark.parametrize("name", ["b.txt", "../a.txt", "/etc/passwd", "a.txt\0", "", "A.TXT"])
def test_other_names_lead_nowhere(owner: Principal, name: str) -> None:
    task_id = submitted(owner)
    keep(task_id, a_txt=b"mine")
    with pytest.raises(NotFound, match="no such file"):
        task_files.fetch(task_id, name, owner)


def test_the_oldest_make_room_for_the_newest(owner: Principal, volume: Path) -> None:
    tasks = [submitted(owner) for _ in range(4)]
    for task_id in tasks:
        keep(task_id, a_txt=bytes(900))
    assert len(kept(volume)) == 2
    with pytest.raises(Gone, match="removed to make room"):
        task_files.fetch(tasks[0], "a.txt", owner)
    assert [task_files.listing(task_id, owner)[0]["available"] for task_id in tasks] == [
        False,
        False,
        True,
        True,
    ]
    assert task_files.make_room() == 0


def test_files_go_with_their_tasks(owner: Principal, database: Database, volume: Path) -> None:
    old, young = submitted(owner), submitted(owner)
    for task_id, hours in ((old, 49.0), (young, 47.0)):
        keep(task_id, a_txt=b"x")
        end(database, task_id, hours)
    for folder in volume.glob("kept/*"):
        age(folder, 2 * task_files.YOUNG_SECONDS)
    assert housekeeping.clean_up()["task_folders"] == 1
    assert [path.parent.name[:36] for path in volume.glob("kept/*/*")] == [str(young)]
    with pytest.raises(NotFound):
        task_files.fetch(old, "a.txt", owner)


def test_what_a_power_cut_left_is_removed_in_time(owner: Principal, database: Database, volume: Path) -> None:
    running, ended = submitted(owner), submitted(owner)
    assert lifecycle.claim(running, TaskKind.RUN_TOOL, {}, "w") is not None
    end(database, ended, 1.0)
    store = task_files.open_store()
    folders = {
        name: store.new_scratch(task_id) for name, task_id in (("r", running), ("e", ended), ("u", uuid4()))
    }
    moved = volume / "kept" / f"{ended}.0123456789ab"
    moved.mkdir(parents=True)
    assert task_files.clean_up() == 0
    for folder in (*folders.values(), moved):
        age(folder, 1.2 * task_files.YOUNG_SECONDS)
    assert task_files.clean_up() == 3
    assert [path.name for path in volume.glob("*/*")] == [folders["r"].name]
    age(folders["r"], 10 * task_files.YOUNG_SECONDS)
    assert task_files.clean_up() == 1


def test_strange_folders_are_left_alone(volume: Path, database: Database) -> None:
    (volume / "kept" / "lost+found").mkdir(parents=True)
    age(volume / "kept" / "lost+found", 10 * task_files.YOUNG_SECONDS)
    assert task_files.clean_up() == 0
    assert (volume / "kept" / "lost+found").exists()

"""Looking at datasets, deleting them, and what is left behind by those that came to nothing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, housekeeping, task_registry
from siprems_backend.services.datasets import files, uploads, writing
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.datasets.conftest import Convert, Sent, files_in

LONG_AGO = clock.now() - timedelta(days=3)


def age(path: Path) -> None:
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


def test_others_see_nothing_and_operators_all(convert: Convert, owner: Principal, database: Database) -> None:
    record = convert("a\n1\n")
    stranger = factories.make_principal(database, Role.ANALYST)
    for ask in (
        lambda: datasets.get(record.id, stranger),
        lambda: datasets.preview(record.id, 1, stranger),
        lambda: datasets.parquet_file(record.id, stranger),
        lambda: datasets.remove(record.id, stranger),
        lambda: datasets.get(uuid4(), owner),
    ):
        with pytest.raises(NotFound) as caught:
            ask()
        assert caught.value.code == "dataset_not_found"
    assert datasets.listing(PageRequest(), stranger).total == 0
    operator = factories.make_principal(database, Role.OPERATOR)
    assert [each.id for each in datasets.listing(PageRequest(), operator).items] == [record.id]
    assert datasets.parquet_file(record.id, operator) == files.rows_path(record.id)


def test_the_preview(convert: Convert, owner: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    record = convert(
        "n,text,at,x\n" + f"1,{'y' * 300},2024-01-01T10:00:00Z,inf\n" + "2,,2024-01-01T11:00:00Z,1.5\n" * 300
    )
    shown = datasets.preview(record.id, 2, owner)
    assert shown["columns"] == ["n", "text", "at", "x"]
    assert shown["rows"] == [
        [1, "y" * 200, "2024-01-01T10:00:00Z", None],
        [2, None, "2024-01-01T11:00:00Z", 1.5],
    ]
    assert shown["total_rows"] == 301
    assert len(datasets.preview(record.id, 200, owner)["rows"]) == 200
    monkeypatch.setattr(writing, "PREVIEW_CELLS", 20)
    wide = convert(",".join(f"c{place}" for place in range(10)) + "\n" + ("1," * 9 + "1\n") * 5)
    assert len(datasets.preview(wide.id, 200, owner)["rows"]) == 2


def test_what_is_in_use_is_not_deleted(
    convert: Convert, owner: Principal, volume: Path, database: Database
) -> None:
    record = convert("a\n1\n")
    # A task of any kind that names the dataset anywhere in its arguments.
    kwargs = {"pipeline": [{"node_type": "dataset", "input": {"dataset_id": str(record.id)}}]}
    task = task_registry.submit(TaskKind.PROFILE_DATASET, kwargs, owner=owner)
    with pytest.raises(Conflict) as caught:
        datasets.remove(record.id, owner)
    assert caught.value.code == "dataset_in_use"
    assert str(task.task_id) in caught.value.message
    task_registry.cancel(task.task_id, owner)
    datasets.remove(record.id, owner)
    assert files_in(volume) == []
    with database.reading() as session:
        actions = session.execute(text("SELECT action FROM audit WHERE target LIKE 'dataset%' ORDER BY id"))
        assert list(actions.scalars()) == ["dataset.add", "dataset.delete"]
    with pytest.raises(NotFound):
        datasets.remove(record.id, owner)


def test_housekeeping_removes_what_came_to_nothing(
    convert: Convert, owner: Principal, volume: Path, database: Database
) -> None:
    kept = convert("a\n1\n")
    abandoned, waiting, young = (uploads.receive(Sent(b"a\n1\n"), owner) for _ in range(3))
    task_registry.submit(TaskKind.CONVERT_DATASET, {"dataset_id": str(waiting.id)}, owner=owner)
    with database.transaction() as session:
        session.execute(
            text("UPDATE datasets SET created_at = :then WHERE id <> :young"),
            {"then": LONG_AGO, "young": young.id},
        )
    for name in (f"{uuid4()}.parquet", f"uploads/{uuid4()}.csv", ".writing-1", f"uploads/{uuid4()}.partial"):
        (volume / name).write_bytes(b"x")
        age(volume / name)
    (volume / ".writing-young").write_bytes(b"x")
    (volume / "somebody's.txt").write_bytes(b"x")
    age(volume / "somebody's.txt")
    age(files.rows_path(kept.id))
    assert housekeeping.clean_up()["datasets"] == 5
    expected = [f"{kept.id}.parquet", f"{kept.id}.preview.jsonl", f"{waiting.id}.csv", f"{young.id}.csv"]
    assert files_in(volume) == sorted([*expected, ".writing-young", "somebody's.txt"])
    found = {each.id for each in datasets.listing(PageRequest(), owner).items}
    assert found == {kept.id, waiting.id, young.id}
    assert abandoned.id not in found

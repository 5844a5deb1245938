"""Receiving files: what is entered, what is refused, and what stays on the volume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siprems_backend.config import Settings, get_settings
from siprems_backend.errors import BadRequest, Invalid, TooLarge
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, task_registry
from siprems_backend.services.datasets import SubmittedDataset, conversion, uploads
from siprems_backend.services.identity import Principal
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.datasets.conftest import Sent, files_in

FILE = b"a,b\n1,x\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is running, so nobody waits for one."""
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.01)


def limited(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    settings: Settings = get_settings().model_copy(update=values)
    monkeypatch.setattr(uploads, "get_settings", lambda: settings)
    monkeypatch.setattr(conversion, "get_settings", lambda: settings)


def test_a_dataset_waits_with_its_file_and_its_task(
    owner: Principal, volume: Path, database: Database
) -> None:
    added = datasets.add(Sent(FILE, "C:\\tmp\\..\\my\x00table.csv"), owner)
    assert isinstance(added, SubmittedDataset)
    record = datasets.get(added.record.id, owner)
    assert (record.name, record.filename, record.status) == ("mytable.csv", "mytable.csv", "waiting")
    assert (record.uploaded_bytes, record.size_bytes) == (len(FILE), len(FILE))
    assert record.task_id == added.task.task_id
    assert files_in(volume) == [f"{record.id}.csv"]
    with database.reading() as session:
        assert session.execute(text("SELECT action, target FROM audit")).all() == [
            ("dataset.add", f"dataset {record.id}")
        ]


@pytest.mark.parametrize("name", ["two\nlines", "x" * 201, "\x00"])
def test_names_that_cannot_be_used(owner: Principal, volume: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        datasets.add(Sent(FILE, name=name), owner)
    assert "name" in caught.value.fields
    assert files_in(volume) == []
    assert datasets.listing(PageRequest(), owner).total == 0


def test_too_large_and_empty(owner: Principal, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, max_dataset_bytes=len(FILE))
    uploads.receive(Sent(FILE), owner)
    kept = files_in(volume)
    with pytest.raises(TooLarge):
        uploads.receive(Sent(FILE + b"2,y\n"), owner)
    with pytest.raises(Invalid, match="empty"):
        uploads.receive(Sent(b""), owner)
    assert files_in(volume) == kept


def test_the_quota_is_of_each_user(
    owner: Principal, volume: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, dataset_quota_bytes=2 * len(FILE))
    first = uploads.receive(Sent(FILE), owner)
    uploads.receive(Sent(FILE), owner)
    kept = files_in(volume)
    with pytest.raises(TooLarge) as caught:
        uploads.receive(Sent(b"a\n1\n"), owner)
    assert caught.value.code == "dataset_quota"
    assert files_in(volume) == kept
    uploads.receive(Sent(FILE), factories.make_principal(database, Role.ANALYST))
    datasets.remove(first.id, owner)
    with pytest.raises(TooLarge):
        uploads.receive(Sent(FILE + b"2,y\n"), owner)
    uploads.receive(Sent(FILE), owner)


def test_what_grew_beyond_the_quota_is_not_kept(
    owner: Principal, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, dataset_quota_bytes=len(FILE))
    record = uploads.receive(Sent(FILE), owner)
    with pytest.raises(TooLarge) as caught:
        datasets.convert(record.id)
    assert caught.value.code == "dataset_quota"
    assert files_in(volume) == []


def test_a_key_finds_the_first_request(owner: Principal, volume: Path, database: Database) -> None:
    first = uploads.receive(Sent(FILE), owner, "once")
    assert uploads.receive(Sent(FILE), owner, "once").id == first.id
    assert files_in(volume) == [f"{first.id}.csv"]
    for other in (Sent(FILE + b"2,y\n"), Sent(FILE, name="Other")):
        with pytest.raises(Invalid) as caught:
            uploads.receive(other, owner, "once")
        assert caught.value.code == "idempotency_key_reused"
    assert files_in(volume) == [f"{first.id}.csv"]
    stranger = factories.make_principal(database, Role.ANALYST)
    assert uploads.receive(Sent(FILE), stranger, "once").id != first.id
    with pytest.raises(Invalid):
        uploads.receive(Sent(FILE), owner, "two words")


def test_a_replay_of_what_is_ready_is_answered_as_the_first(owner: Principal, volume: Path) -> None:
    added = datasets.add(Sent(FILE), owner, idempotency_key="once")
    assert isinstance(added, SubmittedDataset)
    datasets.convert(added.record.id)
    again = datasets.add(Sent(FILE), owner, idempotency_key="once")
    assert not isinstance(again, SubmittedDataset)
    assert (again.id, again.rows) == (added.record.id, 1)
    assert files_in(volume) == [f"{again.id}.parquet", f"{again.id}.preview.jsonl"]


def test_a_key_of_a_deleted_dataset_makes_another(owner: Principal, volume: Path) -> None:
    first = datasets.add(Sent(FILE), owner, idempotency_key="once")
    assert isinstance(first, SubmittedDataset)
    datasets.convert(first.record.id)
    task_registry.cancel(first.task.task_id, owner)
    datasets.remove(first.record.id, owner)
    again = datasets.add(Sent(FILE), owner, idempotency_key="once")
    assert isinstance(again, SubmittedDataset)
    assert again.task.task_id != first.task.task_id
    assert files_in(volume) == [f"{again.record.id}.csv"]


def test_an_upload_that_breaks_off_leaves_nothing(owner: Principal, volume: Path) -> None:
    class BreaksOff(Sent):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise BadRequest("cut off")
            return super().read(3)

    with pytest.raises(BadRequest):
        uploads.receive(BreaksOff(FILE), owner)
    assert files_in(volume) == []
    assert datasets.listing(PageRequest(), owner).total == 0

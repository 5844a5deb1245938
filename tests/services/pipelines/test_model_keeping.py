"""What becomes of the files and rows of models when something goes wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from siprems_backend.errors import TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.services import pipelines
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import model_keeping, model_records, model_store
from siprems_backend.services.task_registry import fence
from siprems_backend.utils.pagination import PageRequest
from tests import factories

FITTED: dict[str, Any] = {
    "place": 3,
    "digest": "d1",
    "node_id": "node_4",
    "node_type": "linear_regression",
    "task": "regression",
    "target": "price",
    "features": ["area"],
    "columns": ["area"],
    "metrics": {},
}


@pytest.fixture
def scratch(tmp_path: Path, volume: Path) -> Path:
    """The folder of a run that has fitted a model."""
    # On the data volume, as the folders of runs are: a model is moved, not copied.
    folder = volume / "task_files" / "scratch" / "run"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "d1.skops").write_bytes(b"a model")
    return folder


def kept(caller: Principal) -> int:
    return model_records.listing(PageRequest(1, 50), caller).total


def test_a_model_is_moved_to_its_place(scratch: Path, caller: Principal) -> None:
    (row,) = model_keeping.keep([FITTED], scratch, "houses", caller).values()
    assert (row.version, row.size_bytes, row.name) == (1, 7, "houses")
    assert model_store.path_of(row.id).read_bytes() == b"a model"
    assert model_store.digest(model_store.path_of(row.id)) == row.sha256
    assert kept(caller) == 1


def test_a_worker_that_lost_its_task_keeps_nothing(
    scratch: Path, caller: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_session: object) -> None:
        raise TaskCancelled

    monkeypatch.setattr(fence, "require_lease", lost)
    with pytest.raises(TaskCancelled):
        model_keeping.keep([FITTED], scratch, "houses", caller)
    assert kept(caller) == 0
    assert not list(model_store.folder().glob("*"))


def test_a_model_whose_file_was_lost_is_kept_again(scratch: Path, caller: Principal) -> None:
    (first,) = model_keeping.keep([FITTED], scratch, "houses", caller).values()
    model_store.forget(first.id)
    (scratch / "models" / "d1.skops").write_bytes(b"a model")
    (second,) = model_keeping.keep([FITTED], scratch, "houses", caller).values()
    assert (second.version, model_store.path_of(second.id).exists()) == (2, True)


def test_files_that_no_row_speaks_of_are_removed_when_they_are_old(
    database: Database, caller: Principal, volume: Path
) -> None:
    known = factories.make_pipeline_model(database, caller.user_id)
    old, young = (model_store.path_of(uuid4()) for _ in range(2))
    for path in (old, young):
        path.write_bytes(b"nobody's")
    for path in (old, model_store.path_of(known)):
        os.utime(path, (0, 0))
    assert pipelines.clean_up() == 1
    assert (old.exists(), young.exists(), model_store.path_of(known).exists()) == (False, True, True)

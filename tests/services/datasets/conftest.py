"""Files to upload, and what becomes of them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from siprems_backend.config import Settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.datasets import Dataset
from siprems_backend.services import datasets
from siprems_backend.services.datasets import uploads
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role
from tests import factories

Convert = Callable[..., Dataset]


class Sent(io.BytesIO):
    """A file on its way in."""

    def __init__(self, content: bytes, filename: str = "table.csv", **fields: str) -> None:
        super().__init__(content)
        self.filename = filename
        self.fields = fields


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database, Role.ANALYST)


@pytest.fixture
def volume(migrated: Settings, database: Database) -> Path:
    """The folder of datasets, emptied."""
    folder = migrated.data_dir.absolute() / "datasets"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def convert(owner: Principal, volume: Path) -> Convert:
    """Makes a dataset of the content of a file, as a worker does: `convert(b"a,b\\n1,2\\n")`."""

    def made(content: bytes | str, filename: str = "table.csv", **fields: str) -> Dataset:
        data = content.encode() if isinstance(content, str) else content
        record = uploads.receive(Sent(data, filename, **fields), owner)
        datasets.convert(record.id)
        return datasets.get(record.id, owner)

    return made


def files_in(folder: Path) -> list[str]:
    """Names of all files below a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())

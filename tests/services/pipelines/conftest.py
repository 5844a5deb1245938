"""Datasets for pipelines, whoever runs them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from siprems_backend.config import Settings
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets
from siprems_backend.services.datasets import uploads
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role
from tests import factories
from tests.engine.pipelines.houses import houses
from tests.services.datasets.conftest import Sent

Add = Callable[..., str]


@pytest.fixture
def caller(database: Database) -> Principal:
    return factories.make_principal(database, Role.ANALYST)


@pytest.fixture
def volume(migrated: Settings, database: Database) -> Path:
    """The data volume, emptied."""
    folder = migrated.data_dir.absolute()
    for name in ("datasets", "pipelines", "task_files"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return folder


@pytest.fixture
def add(caller: Principal, volume: Path) -> Add:
    """Makes a dataset of the content of a file; its id."""

    def made(content: bytes | str, owner: Principal = caller) -> str:
        data = content.encode() if isinstance(content, str) else content
        record = uploads.receive(Sent(data, "table.csv"), owner)
        datasets.convert(record.id)
        return str(record.id)

    return made


@pytest.fixture
def houses_id(add: Add) -> str:
    """The dataset of the houses."""
    return add(houses().to_csv(index=False))

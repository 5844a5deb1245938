"""Files to import, and the database to look at afterwards."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siprems_backend.config import Settings
from siprems_backend.extensions.database import Database
from siprems_backend.services import imports
from siprems_backend.services.imports import ImportKind

Rows = Callable[[str], list[tuple[Any, ...]]]
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def rows(database: Database) -> Rows:
    """Answers of the database to a question in SQL."""

    def ask(question: str) -> list[tuple[Any, ...]]:
        with database.reading() as session:
            return [tuple(row) for row in session.execute(text(question))]

    return ask


@pytest.fixture
def import_text(database: Database, tmp_path: Path) -> Import:
    """Imports the text of a file: `import_text("sku,date,...", kind=...)` -> report."""

    def run(content: str | bytes, kind: ImportKind = ImportKind.SALES, **options: Any) -> dict[str, Any]:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return imports.import_path(path, kind, **options)

    return run


@pytest.fixture
def data_folder(migrated: Settings, database: Database) -> Path:
    """The folder of uploads, emptied."""
    folder = migrated.data_dir / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def packed(content: bytes) -> bytes:
    """The content, gzipped; without the time, so that a test's name made from it is always the same."""
    return gzip.compress(content, mtime=0)

"""Tools of the tests' own, and runs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from siprems_backend.config import Settings, get_settings
from siprems_backend.extensions.database import Database
from siprems_backend.services.tool_runner import registry, runs

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def extra_tools(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[pytest.MonkeyPatch]:
    """The tools of `tests.extra_tools` beside ours, and a data volume of the test's own."""
    monkeypatch.setenv("TOOL_PACKAGES", "tests.extra_tools")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    registry.tools.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    get_settings.cache_clear()
    registry.tools.cache_clear()


@pytest.fixture
def setting(extra_tools: pytest.MonkeyPatch) -> Callable[[str, object], None]:
    """Changes a setting for this process and those it starts."""

    def change(name: str, value: object) -> None:
        extra_tools.setenv(name, str(value))
        get_settings.cache_clear()

    return change


@pytest.fixture
def misbehave(extra_tools: pytest.MonkeyPatch, database: Database) -> Run:
    """Runs the tool that misbehaves, outside of any task."""

    def run(how: str, task_id: UUID | None = None, **options: Any) -> dict[str, Any]:
        return runs.run(task_id or uuid4(), "misbehave", {"how": how}, **options)

    return run

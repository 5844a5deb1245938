"""Running tools in this process."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from siprems_backend.extensions.database import Database
from siprems_backend.services.tool_runner import execution, registry
from siprems_backend.services.tool_runner.parameters import checked
from tests.services.tools.pages import Page


@dataclass
class Report:
    """What a run of a reporting tool made."""

    folder: Path
    summary: dict[str, Any]
    names: list[str]

    def html(self) -> str:
        """Its page."""
        [path] = self.folder.glob("*.html")
        return path.read_text(encoding="utf-8")

    def page(self) -> Page:
        """The same, read."""
        return Page(self.html())

    def rows(self) -> list[dict[str, str]]:
        """Its table, as a spreadsheet reads CSV."""
        [path] = self.folder.glob("*.csv")
        return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))

    def sheet(self) -> list[tuple[Any, ...]]:
        """Its table, as a spreadsheet reads XLSX."""
        [path] = self.folder.glob("*.xlsx")
        sheet = load_workbook(path, read_only=True).active
        assert sheet is not None
        return list(sheet.iter_rows(values_only=True))


RunTool = Callable[..., Report]


@pytest.fixture
def run_tool(database: Database, tmp_path: Path) -> RunTool:
    """Runs a tool by its name."""
    runs = iter(range(100))

    def run(name: str, **parameters: Any) -> Report:
        folder = tmp_path / f"run {next(runs)}"
        folder.mkdir()
        tool = registry.find(name)
        made = execution.execute(tool.name, checked(tool, parameters), folder, lambda *_report: None)
        names = [file["name"] for file in made["files"]]
        return Report(folder / execution.OUTPUT, made["summary"], names)

    return run

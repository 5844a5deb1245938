"""`siprems doctor`."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from siprems_backend.extensions.database import Database
from tests.away import servers_away


def test_a_table_and_a_failure(app: Flask, database: Database, models_dir: Path) -> None:
    result = app.test_cli_runner().invoke(args=["siprems", "doctor"])
    assert result.exit_code == 1
    assert "no worker answers" in result.output
    assert "./start_worker.sh worker" in result.output
    assert "checks failed" in result.output


def test_it_works_when_everything_is_down(app: Flask, database: Database) -> None:
    with servers_away():
        result = app.test_cli_runner().invoke(args=["siprems", "doctor"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Start PostgreSQL" in result.output
    assert "secret" not in result.output.replace("secrets", "")

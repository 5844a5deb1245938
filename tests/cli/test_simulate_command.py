"""`siprems simulate`: a file of sales in; what orders would have come to on the terminal and in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.cli.test_evaluate_command import write_sales


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    write_sales(path)
    return path


def test_it_prints_every_rule_and_says_where_the_files_are(app: Flask, sales: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    options = ["--lead-time", "2", "--reviews", "5", "--unit-cost", "2", "--price", "3", "--pack", "6"]
    done = app.test_cli_runner().invoke(
        args=["siprems", "simulate", str(sales), *options, "--output", str(folder)]
    )
    assert done.exit_code == 0, done.output
    for rule in ("plan", "forecast - stock", "fixed (s,S) from averages", "best fixed level in hindsight"):
        assert rule in done.output
    assert "3 SKUs by day" in done.output
    assert "costs in money" in done.output
    assert len(list(folder.iterdir())) == 4


def test_one_line_says_what_is_wrong(app: Flask, sales: Path, tmp_path: Path) -> None:
    args = ["siprems", "simulate", str(sales), "--reviews", "60", "--output", str(tmp_path / "out")]
    done = app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 1
    assert "replay fewer reviews" in done.output
    assert "Traceback" not in done.output

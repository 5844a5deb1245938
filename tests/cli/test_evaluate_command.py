"""`siprems evaluate`: a file of sales in, forecasts out of sample and their scores out."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

FIRST = dt.date(2024, 1, 1)
DAYS, HORIZON = 200, 14
QUANTILES = ["q0.025", "q0.1", "q0.25", "q0.5", "q0.75", "q0.9", "q0.975"]


def write_sales(path: Path, *, after: float = 1.0) -> None:
    """Three products with a weekly pattern; `after` scales the last horizon, which no forecast may see."""
    rng = np.random.default_rng(3)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "date", "quantity"])
        for number in range(3):
            for day in range(DAYS):
                mean = (5 + 10 * number) * (2.0 if day % 7 == 5 else 1.0)
                scale = after if day >= DAYS - HORIZON else 1.0
                rows.writerow([f"A/{number}", FIRST + dt.timedelta(days=day), int(rng.poisson(mean) * scale)])


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    write_sales(path)
    return path


def evaluate(app: Flask, sales: Path, output: Path) -> list[dict[str, str]]:
    arguments = ["--horizon", str(HORIZON), "--cutoffs", "1", "--output", str(output)]
    done = app.test_cli_runner().invoke(args=["siprems", "evaluate", str(sales), *arguments])
    assert done.exit_code == 0, done.output
    with output.open() as file:
        return list(csv.DictReader(file))


def test_every_period_after_the_cutoff_gets_ordered_quantiles(
    app: Flask, sales: Path, tmp_path: Path
) -> None:
    rows = evaluate(app, sales, tmp_path / "out.csv")
    assert len(rows) == 3 * HORIZON
    for row in rows:
        quantiles = [float(row[name]) for name in QUANTILES]
        assert quantiles == sorted(quantiles)
        assert quantiles[0] >= 0
    saturdays = [float(r["yhat"]) for r in rows if dt.date.fromisoformat(r["date"]).weekday() == 5]
    others = [float(r["yhat"]) for r in rows if dt.date.fromisoformat(r["date"]).weekday() != 5]
    assert 1.5 < np.mean(saturdays) / np.mean(others) < 2.5


def test_what_comes_after_the_cutoff_changes_nothing(app: Flask, sales: Path, tmp_path: Path) -> None:
    told = evaluate(app, sales, tmp_path / "out.csv")
    other = tmp_path / "other.csv"
    write_sales(other, after=3.0)
    assert evaluate(app, other, tmp_path / "other_out.csv") == told

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


def evaluate(app: Flask, sales: Path, output: Path, *options: str) -> list[dict[str, str]]:
    arguments = ["--horizon", str(HORIZON), "--cutoffs", "1", "--output", str(output), *options]
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


def test_what_sold_out_is_not_learned(app: Flask, tmp_path: Path) -> None:
    """One of two products has an empty shelf in the month before the cut-off."""
    sales, stock = tmp_path / "sales.csv", tmp_path / "stock.csv"
    rng = np.random.default_rng(5)
    rows, levels = ["sku,date,quantity"], ["SKU1,2023-12-31,500", "elsewhere,2024-01-05,0"]
    for day in range(DAYS):
        date = FIRST + dt.timedelta(days=day)
        out = DAYS - HORIZON - 30 <= day < DAYS - HORIZON
        rows += [f"SKU1,{date},{0 if out else rng.poisson(20)}", f"SKU2,{date},{rng.poisson(20)}"]
        levels.append(f"SKU1,{date},{0 if out else 100}")
    sales.write_text("\n".join(rows))
    # In no order, under a name that files have.
    stock.write_text("\n".join(["sku,date,stock_on_hand", *reversed(levels)]))

    def mean_of_first(made: list[dict[str, str]]) -> float:
        return float(np.mean([float(row["yhat"]) for row in made if row["sku"] == "SKU1"]))

    untold = evaluate(app, sales, tmp_path / "untold.csv")
    told = evaluate(app, sales, tmp_path / "told.csv", "--stock", str(stock))
    assert mean_of_first(untold) < 10
    assert 17 < mean_of_first(told) < 23


def test_planned_promotions_lift_the_days_they_cover(app: Flask, tmp_path: Path) -> None:
    sales, plans = tmp_path / "sales.csv", tmp_path / "promotions.csv"
    rng = np.random.default_rng(6)
    rows, planned = ["sku,date,quantity"], ["sku,from,to,stores_mailer"]
    for number in range(4):
        for week in range(number, 28, 4):
            first = FIRST + dt.timedelta(weeks=week)
            planned += [
                f"S{number},{first},{first + dt.timedelta(days=2)},7",
                f"S{number},{first},2030-01-01,0",
            ]
        for day in range(DAYS):
            promoted = (day // 7 - number) % 4 == 0 and day % 7 < 3
            rows.append(f"S{number},{FIRST + dt.timedelta(days=day)},{rng.poisson(40 if promoted else 10)}")
    sales.write_text("\n".join(rows))
    plans.write_text("\n".join(planned))
    made = evaluate(app, sales, tmp_path / "out.csv", "--promotions", str(plans))
    lifted, usual = [], []
    for row in made:
        day, number = (dt.date.fromisoformat(row["date"]) - FIRST).days, int(row["sku"][1:])
        promoted = (day // 7 - number) % 4 == 0 and day % 7 < 3
        (lifted if promoted else usual).append(float(row["yhat"]))
    assert np.mean(lifted) > 2 * np.mean(usual)


@pytest.mark.parametrize(
    ("option", "content", "message"),
    [
        ("--promotions", "sku,from,to\nA/1,,2024-01-01\n", "line 2: '' in the column from is not a date"),
        ("--promotions", "sku,to\nA/1,2024-01-01\n", "needs a column date_from"),
        ("--stock", "sku,date\nA/1,2024-01-01\n", "needs a column on_hand"),
        ("--stock", "sku,date,stock\nA/1,2024-01-01,none\n", "is not a number"),
    ],
)
def test_useless_plans_and_levels_are_refused(
    app: Flask, sales: Path, tmp_path: Path, option: str, content: str, message: str
) -> None:
    file = tmp_path / "other.csv"
    file.write_text(content)
    arguments = ["--horizon", "7", "--cutoffs", "1", "--output", str(tmp_path / "out.csv")]
    done = app.test_cli_runner().invoke(
        args=["siprems", "evaluate", str(sales), *arguments, option, str(file)]
    )
    assert done.exit_code != 0
    assert message in done.output


def test_details_and_pictures_are_announced(app: Flask, sales: Path, tmp_path: Path) -> None:
    arguments = ["--horizon", "7", "--cutoffs", "2", "--output", str(tmp_path / "out.csv"), "--details"]
    pictures = ["--plot", str(tmp_path / "pictures"), "--plot-most", "1"]
    done = app.test_cli_runner().invoke(args=["siprems", "evaluate", str(sales), *arguments, *pictures])
    assert done.exit_code == 0, done.output
    for text in ("seasonal-naive", "demand class", "fast", "distance ahead", "day 6 to 7", "1 picture in"):
        assert text in done.output
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["A%2F2.png"]


def test_trouble_is_one_line(app: Flask, sales: Path, tmp_path: Path) -> None:
    arguments = ["--horizon", "100", "--cutoffs", "9", "--output", str(tmp_path / "out.csv")]
    done = app.test_cli_runner().invoke(args=["siprems", "evaluate", str(sales), *arguments])
    assert done.exit_code == 1
    last = done.output.strip().splitlines()[-1]
    assert last.startswith("Error: 200 days of sales are too few for 9 cut-offs of 100 days each")


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sku_may_look_like_markup(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    write_sales(path)
    path.write_text(path.read_text().replace("A/", "[/bold]$"))
    arguments = ["--horizon", "7", "--cutoffs", "1", "--output", str(tmp_path / "out.csv")]
    pictures = ["--plot", str(tmp_path / "pictures")]
    done = app.test_cli_runner().invoke(args=["siprems", "evaluate", str(path), *arguments, *pictures])
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "pictures").iterdir())) == 3

"""Simulations of sales in files: files in, tables, a page and a picture out."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from siprems_backend.errors import Invalid
from siprems_backend.services.simulation import Conditions, SimulationRequest, simulate_files
from siprems_backend.services.simulation.conditions import OF_PRODUCTS
from siprems_backend.services.simulation.outputs import MAKERS, PAGE, PICTURE, PRODUCTS, RULES

FIRST = dt.date(2024, 1, 1)
HARMFUL = '<script>alert("x")</script>, =1+1'
CONDITIONS = Conditions(reviews=6, lead_time_days=3, service_level=0.95)


def write(path: Path, heading: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    rows: list[list[object]] = [
        [sku, FIRST + dt.timedelta(days=day), int(rng.poisson(mean * (1.5 if day % 7 == 5 else 1)))]
        for sku, mean in (("A/1", 6), ("é B", 15), (HARMFUL, 3))
        for day in range(150)
    ]
    return write(tmp_path_factory.mktemp("sales") / "sales.csv", ["sku", "date", "quantity"], rows)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_file_tells_the_same(sales: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = simulate_files(
        SimulationRequest(sales, CONDITIONS),
        tmp_path / "new" / "folder",
        lambda number, of, _message="": steps.append((number, of)),
    )
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == set(MAKERS)
    rules, products = lines(folder / RULES), lines(folder / PRODUCTS)
    assert [rule["rule"] for rule in rules] == [line.name for line in found.lines]
    assert len(products) == 3 * len(rules)
    for rule in rules:
        mine = [float(each["cost"]) for each in products if each["rule"] == rule["rule"]]
        assert sum(mine) == pytest.approx(float(rule["cost"]), abs=0.01)
    plan, earlier = rules[0], rules[1]
    assert float(plan["cost_to_earlier_rule"]) == pytest.approx(
        float(plan["cost"]) / float(earlier["cost"]) - 1, abs=1e-3
    )
    assert float(plan["cycle_service"]) > 0.85
    assert float(plan["cost"]) < float(earlier["cost"])
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert steps[0] == (0, 6)
    assert steps[-1] == (6, 6)


def test_the_page_needs_nothing_else_and_runs_nothing(sales: Path, tmp_path: Path) -> None:
    simulate_files(SimulationRequest(sales, CONDITIONS), tmp_path)
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not {name for name, _ in attrs} & {"src", "href"}

    Reader().feed(page)
    assert "svg" in seen
    assert "script" not in seen
    # What a spreadsheet would run begins with an apostrophe, and SKUs stay whole.
    assert {row["sku"].lstrip("'") for row in lines(tmp_path / PRODUCTS)} == {"A/1", "é B", HARMFUL}


def test_own_terms_of_products_come_first(sales: Path, tmp_path: Path) -> None:
    terms = write(tmp_path / "terms.csv", ["sku", "pack_size"], [["é B", 50], ["A/1", ""], ["unknown", 7]])
    simulate_files(SimulationRequest(sales, CONDITIONS, terms=terms), tmp_path)
    found = simulate_files(SimulationRequest(sales, CONDITIONS, terms=terms), tmp_path / "again")
    packs = dict(zip(found.skus, found.course.terms.pack.tolist(), strict=True))
    assert packs == {"A/1": 1, "é B": 50, HARMFUL: 1}
    assert (tmp_path / RULES).read_bytes() == (tmp_path / "again" / RULES).read_bytes()


def test_money_where_price_and_cost_are_known(sales: Path, tmp_path: Path) -> None:
    conditions = Conditions(reviews=6, lead_time_days=3, unit_cost=2, price=3)
    found = simulate_files(SimulationRequest(sales, conditions), tmp_path)
    assert found.in_money
    assert found.summary()["in_money"] is True
    # A week in stock costs a tenth of a cent for a euro to lose: hardly anything should be missing.
    assert found.course.terms.level == pytest.approx(np.full(3, 0.99), abs=0.01)


def test_what_keeps_for_a_day_is_wasted_where_it_is_not_sold(sales: Path, tmp_path: Path) -> None:
    conditions = replace(CONDITIONS, review_days=1, lead_time_days=0, shelf_life_days=1, reviews=30)
    found = simulate_files(SimulationRequest(sales, conditions), tmp_path)
    plan = found.plan.figures
    assert plan.wasted > 0
    assert plan.stock == 0


def test_a_record_of_stock_adds_a_plan_that_does_not_know_it(sales: Path, tmp_path: Path) -> None:
    # One product is out of stock on three days of the last fortnight but one.
    gone = [FIRST + dt.timedelta(days=day) for day in (130, 131, 132)]
    rows = [row for row in lines(sales) if not (row["sku"] == "A/1" and row["date"] in map(str, gone))]
    cut = write(tmp_path / "cut.csv", ["sku", "date", "quantity"], [list(row.values()) for row in rows])
    levels: list[list[object]] = [["A/1", day, 0] for day in gone]
    stock = write(tmp_path / "stock.csv", ["sku", "date", "on_hand"], [["A/1", FIRST, 9], *levels])
    found = simulate_files(SimulationRequest(cut, CONDITIONS, stock=stock), tmp_path)
    names = [line.name for line in found.lines]
    assert names[:2] == ["plan", "plan, stock-outs unknown"]
    without = simulate_files(SimulationRequest(cut, CONDITIONS), tmp_path)
    assert len(without.lines) == len(names) - 1


def test_weeks(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows: list[list[object]] = [
        [sku, FIRST + dt.timedelta(weeks=week), int(rng.poisson(30))] for sku in "AB" for week in range(80)
    ]
    sales = write(tmp_path / "weeks.csv", ["sku", "date", "quantity"], rows)
    found = simulate_files(SimulationRequest(sales, CONDITIONS), tmp_path)
    assert found.summary()["step"] == "week"
    assert found.course.lead.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reviews": 21}, "replay fewer reviews"),
        ({"reviews": 1, "lead_time_days": 20}, "more reviews"),
        ({"service_level": 1.5}, "service level"),
        ({"pack_size": 0.0}, "pack must be above 0"),
    ],
)
def test_conditions_that_cannot_be_replayed(
    sales: Path, tmp_path: Path, change: dict[str, float], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        simulate_files(SimulationRequest(sales, replace(CONDITIONS, **change)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_files_and_engines_that_make_no_sense(sales: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no engine 'prophet' for simulations"):
        SimulationRequest(sales, CONDITIONS, engines=("prophet",))
    wrong = write(tmp_path / "terms.csv", ["sku", "colour"], [["A/1", "red"]])
    with pytest.raises(Invalid, match=r"terms\.csv needs one of the columns lead_time_days"):
        simulate_files(SimulationRequest(sales, CONDITIONS, terms=wrong), tmp_path)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Invalid, match="cannot be written"):
        simulate_files(SimulationRequest(sales, CONDITIONS), file)


def test_each_condition_of_a_product_reaches_the_engine() -> None:
    """A column of its own changes the terms of its product and of no other."""
    usual = Conditions(unit_cost=2, price=3, service_level=0.9).terms(2)
    for name in OF_PRODUCTS:
        own = {name: np.array([0.75, np.nan])}
        terms = Conditions(unit_cost=2, price=3, service_level=0.9).terms(2, own)
        changed = [
            field
            for field in usual.__dataclass_fields__
            if not np.array_equal(getattr(terms, field), getattr(usual, field), equal_nan=field != "policy")
        ]
        assert changed, name
        for field in changed:
            mine, theirs = getattr(terms, field), getattr(usual, field)
            assert mine[0] != theirs[0]
            assert mine[1] == theirs[1] or np.isnan(mine[1])

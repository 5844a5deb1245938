"""The report on how good forecasts would have been."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from sqlalchemy import text

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.services.accuracy import watch
from siprems_backend.services.report_pages import charts
from siprems_backend.services.report_pages.charts import Line
from siprems_backend.services.tool_runner import execution, registry
from siprems_backend.services.tool_runner.parameters import checked
from siprems_backend.services.tools.forecast_accuracy import (
    DAYS,
    PRODUCTS,
    REPORT,
    measuring,
    report,
)
from siprems_engine.forecasting import InvalidHistory
from tests import factories
from tests.services.accuracy.forecasts import forecast_daily
from tests.services.tools.pages import Page

UNTIL = dt.date(2026, 6, 30)
NASTY = "<script>alert(1)</script>"


class Made:
    """What a run made."""

    def __init__(self, folder: Path, made: execution.Made) -> None:
        self.summary = made["summary"]
        self.names = [file["name"] for file in made["files"]]
        self.html = (folder / REPORT).read_text(encoding="utf-8")
        self.page = Page(self.html)
        self.products = _rows(folder / PRODUCTS)
        self.days = _rows(folder / DAYS)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


Measure = Callable[..., Made]


@pytest.fixture
def measure(database: Database, tmp_path: Path) -> Measure:
    """Runs the tool in this process."""
    runs = iter(range(100))

    def run(**parameters: Any) -> Made:
        folder = tmp_path / str(next(runs))
        folder.mkdir()
        tool = registry.find("forecast_accuracy")
        made = execution.execute(tool.name, checked(tool, parameters), folder, lambda *_report: None)
        return Made(folder / execution.OUTPUT, made)

    return run


@pytest.fixture
def shop(database: Database) -> Database:
    """A regular product, one with a nasty name, one that is new, and one never sold."""
    for number, (sku, name, days) in enumerate(
        [("REGULAR", "Bread", 500), (f"={NASTY}", f"{NASTY} & more", 450), ("NEW", "New", 10)]
    ):
        product = factories.make_product(database, sku, name=name, category="Bread" if number else "Rolls")
        factories.sell(database, product, factories.weekly_demand(days, seed=number), until=UNTIL)
    factories.make_product(database, "NEVER SOLD")
    return database


def test_figures_of_all_products(measure: Measure, shop: Database) -> None:
    made = measure()
    summary = made.summary
    assert made.names == [DAYS, PRODUCTS, REPORT]
    assert (summary["products"], summary["left_out"], summary["forecasts_per_product"]) == (2, 1, 4)
    assert (summary["first_day"], summary["last_day"]) == ("2026-05-06", "2026-06-30")
    assert 0.05 < summary["wape"] < summary["naive"]["wape"] < 0.5
    assert 0.7 < summary["coverage"] <= 1
    assert summary["better_than_naive"] == 1.0
    assert "less error" in made.page.text


def test_the_tables_say_the_same(measure: Measure, shop: Database) -> None:
    made = measure(days_back=28, horizon=7, products=2)
    assert len(made.days) == 2 * 28
    actual, forecast, naive = (
        np.array([float(row[name]) for row in made.days]) for name in ("actual", "forecast", "naive")
    )
    assert made.summary["wape"] == pytest.approx(np.abs(actual - forecast).sum() / actual.sum(), abs=1e-3)
    assert made.summary["naive"]["wape"] == pytest.approx(
        np.abs(actual - naive).sum() / actual.sum(), abs=1e-3
    )
    for product in made.products:
        own = [row for row in made.days if row["sku"] == product["sku"]]
        missed = sum(abs(float(row["actual"]) - float(row["forecast"])) for row in own)
        assert float(product["missed"]) == pytest.approx(missed, abs=0.1)
        assert float(product["wape"]) == pytest.approx(missed / float(product["units"]), abs=1e-3)
    assert sorted({row["forecast_made_after"] for row in made.days}) == [
        "2026-06-02",
        "2026-06-09",
        "2026-06-16",
        "2026-06-23",
    ]


def test_the_page_needs_nothing_and_runs_nothing(measure: Measure, shop: Database) -> None:
    made = measure()
    assert NASTY not in made.html
    assert f"{NASTY} & more" in made.page.text
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(made.page.tags)
    for _tag, name, value in made.page.attributes:
        assert not name.startswith("on")
        assert name not in {"src", "srcset", "href", "style", "action"}
        assert "javascript:" not in value
    assert "url(" not in made.html
    assert "@import" not in made.html
    assert all(row["sku"] != f"={NASTY}" for row in made.products)


def test_every_chart_says_what_it_shows(measure: Measure, shop: Database) -> None:
    made = measure()
    pictures = made.html.split("<svg ")[1:]
    for picture in pictures:
        head = picture.split(">")[0]
        assert 'role="img" aria-label="' in head or 'aria-hidden="true"' in head
    assert sum('role="img"' in picture for picture in pictures) == 3 + 2
    for element in made.html.split("<svg ")[1:]:
        ElementTree.fromstring("<svg " + element.split("</svg>")[0] + "</svg>")
    assert made.html.count("<h1>") == 1
    assert 'lang="en"' in made.html
    assert "<caption>" in made.html
    assert 'scope="row"' in made.html


def test_filters(measure: Measure, shop: Database) -> None:
    assert measure(category="Rolls").summary["products"] == 1
    assert measure(products=1).summary["products"] == 1
    named = measure(product_skus=["REGULAR", "NEW"], days_back=7, horizon=7)
    assert {row["sku"] for row in named.products} == {"REGULAR", "NEW"}
    assert {row["engine"] for row in named.products} == {"auto"}


def test_the_models_of_the_products_can_be_measured_too(measure: Measure, shop: Database) -> None:
    parameters = {"product_skus": ["REGULAR", "NEW"], "days_back": 7, "horizon": 7}
    made = measure(**parameters, engine="prophet")
    assert {row["engine"] for row in made.products} == {"prophet", "window-average"}
    pooled = measure(**parameters)
    assert [row["naive"] for row in made.days] == [row["naive"] for row in pooled.days]
    assert [row["forecast"] for row in made.days] != [row["forecast"] for row in pooled.days]


def test_what_comes_later_does_not_leak_into_the_pooled_model(measure: Measure, shop: Database) -> None:
    before = measure(product_skus=["REGULAR"], days_back=14, horizon=7)
    with shop.transaction() as session:
        session.execute(text("UPDATE daily_sales SET quantity = quantity * 9 WHERE date > '2026-06-23'"))
    after = measure(product_skus=["REGULAR"], days_back=14, horizon=7)
    for name in ("forecast", "lower", "upper"):
        assert [row[name] for row in before.days] == [row[name] for row in after.days]
    assert [row["actual"] for row in before.days[7:]] != [row["actual"] for row in after.days[7:]]


def test_what_was_really_forecast_is_shown_beside(measure: Measure, shop: Database) -> None:
    assert measure().summary["really_forecast"] is None
    assert "Nothing can be told yet" in measure(products=1).page.text
    product = factories.make_product(shop, "LEFT", name=NASTY)
    factories.sell(shop, product, [9.0] * 60, until=UNTIL)
    forecast_daily(shop, product, 3.0, origins=20)
    watch.score()
    made = measure(products=1)
    really = made.summary["really_forecast"]
    assert (really["products"], really["drifted"], really["as_of"]) == (1, 1, "2026-06-30")
    assert (really["wape"], really["bias"]) == (0.6667, -0.6667)
    assert "above the forecast" in made.page.text
    assert "Error of the forecasts that were made, in percent: 66.7 on the last day." in made.html
    assert NASTY not in made.html
    rolls = measure(category="Rolls")
    assert rolls.summary["really_forecast"] is None


def test_weekly_shops_are_measured_by_the_week(measure: Measure, database: Database) -> None:
    product = factories.make_product(database, "WEEKLY")
    quantities: list[Any] = [None] * (7 * 160)
    quantities[6::7] = [40.0 + 10 * np.sin(week / 8) for week in range(160)]
    factories.sell(database, product, quantities, until=UNTIL)
    made = measure()
    assert made.summary["forecasts_per_product"] == 4
    assert len(made.days) == 8
    assert "2 weeks ahead" in made.page.text


def test_a_return_after_the_last_sale_moves_nothing(measure: Measure, shop: Database) -> None:
    product = factories.make_product(shop, "RETURNED")
    factories.sell(
        shop, product, [*factories.weekly_demand(200), -3.0, -1.0], until=UNTIL + dt.timedelta(days=2)
    )
    made = measure(product_skus=["RETURNED"])
    assert made.summary["last_day"] == "2026-06-30"
    assert len(made.days) == 56


def test_products_that_do_not_sell_have_no_ratios(measure: Measure, shop: Database) -> None:
    product = factories.make_product(shop, "GONE")
    factories.sell(shop, product, factories.weekly_demand(300), until=UNTIL - dt.timedelta(days=120))
    made = measure(product_skus=["GONE"])
    assert made.summary["wape"] is None
    assert made.products[0]["wape"] == ""
    assert "nan" not in made.page.text.lower()
    assert "inf" not in made.page.text.lower().replace("information", "")


def test_without_sales_there_is_nothing_to_say(measure: Measure, database: Database) -> None:
    with pytest.raises(Invalid, match="There are no sales yet"):
        measure()
    product = factories.make_product(database, "NEW")
    factories.sell(database, product, [1.0, 2.0], until=UNTIL)
    with pytest.raises(Invalid, match="None of the products has sales from before the first forecast"):
        measure()
    with pytest.raises(Invalid, match="No product with sales"):
        measure(category="nothing")
    with pytest.raises(NotFound, match="'X'"):
        measure(product_skus=["X"])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"days_back": 7, "horizon": 8}, "Must be at most days_back, which is 7."),
        ({"days_back": 365, "horizon": 1}, "Must be at least 7 with days_back at 365."),
        ({"days_back": 366}, "Must be at most 365."),
    ],
)
def test_more_forecasts_than_make_sense_are_refused(
    measure: Measure, parameters: dict[str, int], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        measure(**parameters)


@pytest.mark.parametrize(
    ("highest", "tick", "top"),
    [
        (0, 1, 1),
        (float("nan"), 1, 1),
        (1, 0.25, 1),
        (3.7, 1, 4),
        (13, 5, 15),
        (1437, 500, 1500),
        (1e-9, 2.5e-10, 1e-9),
    ],
)
def test_scales_end_on_a_tick(highest: float, tick: float, top: float) -> None:
    assert charts.scale(highest) == pytest.approx((tick, top))


def test_charts_of_one_day_and_of_nothing() -> None:
    day = np.array(["2026-01-01"], dtype="datetime64[D]")
    one = charts.lines(NASTY, day, [Line("Sold", np.array([3.0]), "sold")], marks=day)
    assert "<script" not in one
    ElementTree.fromstring(one)
    empty = charts.bars("Bars", ["a"], [Line("x", np.array([np.nan]), "served")], charts.percent)
    assert "<rect" not in ElementTree.tostring(ElementTree.fromstring(empty)).decode()


def test_a_long_list_of_products_is_cut_on_the_page(
    measure: Measure, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_ROWS", 1)
    made = measure()
    assert "The 1 products with the most missed units of 2" in made.page.text
    assert len(made.products) == 2


def test_one_bad_product_is_left_out_and_fails_no_other(
    measure: Measure, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = measuring.Past.origin
    failed: list[object] = []

    def failing(past: measuring.Past, cutoff: np.datetime64, horizon: int, serve: Any) -> Any:
        # The first product fails at its second forecast.
        failed[:] = failed or [past]
        if past is failed[0] and cutoff > np.datetime64("2026-05-10"):
            raise InvalidHistory("Something is wrong with it.")
        return origin(past, cutoff, horizon, serve)

    monkeypatch.setattr(measuring.Past, "origin", failing)
    summary = measure(products=2).summary
    assert (summary["products"], summary["left_out"]) == (1, 1)

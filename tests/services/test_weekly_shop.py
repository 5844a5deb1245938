"""A shop whose sales come as one row a week: trained, forecast, stored, charted and exported by the week."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models.events import Event
from siprems_backend.models.products import Product
from siprems_backend.services import (
    bulk_forecasts,
    exports,
    forecasting,
    prediction,
    prediction_answers,
    stored_forecasts,
    training,
    training_run,
)
from tests import factories

# A Wednesday, the last day of its week.
LAST = dt.date(2026, 6, 24)
WEEK = dt.timedelta(days=7)
GROCERIES = Path(os.environ.get("SIPREMS_DATA", "")) / "breakfast_frat_weekly" / "sales.csv.gz"


def _sell_by_the_week(database: Database, product: Product, quantities: Sequence[float | None]) -> None:
    """One row a week, the last on `LAST`."""
    days: list[float | None] = []
    for quantity in quantities:
        days += [None] * 6 + [quantity]
    factories.sell(database, product, days, until=LAST)


def _weeks(count: int, seed: int = 1) -> list[float]:
    random = np.random.default_rng(seed)
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(count) / 52.18)
    return [float(value) for value in random.poisson(80 * wave)]


@pytest.fixture
def cereal(database: Database, models_dir: Path) -> Product:
    product = factories.make_product(database, "CEREAL", stock=100)
    _sell_by_the_week(database, product, _weeks(120))
    return product


def test_a_weekly_product_is_trained_and_charted_by_the_week(cereal: Product) -> None:
    result = training.train_product("CEREAL")
    assert (result["status"], result["training_samples"], result["engine"]) == ("success", 120, "prophet")
    loaded = forecasting.load_model("CEREAL")
    assert loaded is not None
    assert (loaded.meta["step"], loaded.meta["recipe_version"]) == ("week", "reference-week-1")
    answer = prediction_answers.answer(prediction.predict("CEREAL", 28))
    assert answer["step"] == "week"
    dates = [dt.date.fromisoformat(point["date"]) for point in answer["chartData"]]
    assert dates == [LAST + place * WEEK for place in range(-12, 5)]
    past, ahead = answer["chartData"][:13], answer["chartData"][13:]
    assert [point["historical"] for point in past] == _weeks(120)[-13:]
    predicted = [point["predicted"] for point in ahead]
    assert all(40 < value < 160 for value in predicted)
    # A week and three days of the next.
    demand = answer["recommendations"][0]["predictedDemand"]
    assert demand == pytest.approx(predicted[0] + 3 / 7 * predicted[1], abs=0.01)


@pytest.mark.parametrize(("days", "weeks"), [(1, 1), (7, 1), (13, 1), (28, 4), (365, 52)])
def test_days_are_the_whole_weeks_inside_them(cereal: Product, days: int, weeks: int) -> None:
    training.train_product("CEREAL")
    made = prediction.predict("CEREAL", days, history_days=0).made
    assert [day.astype(object) for day in made.ds] == [LAST + place * WEEK for place in range(1, weeks + 1)]
    result = prediction_answers.task_result(prediction.predict("CEREAL", days))
    assert result["forecast_days"] == 7 * weeks


def test_short_histories_are_answered_by_the_average_of_weeks(database: Database, models_dir: Path) -> None:
    _sell_by_the_week(database, factories.make_product(database, "NEW"), [10.0, 20.0, 30.0, 40.0])
    made = prediction.predict("NEW", 14).made
    assert made.engine == "window-average"
    np.testing.assert_allclose(made.yhat, [25.0, 25.0])
    result = training.train_product("NEW")
    assert "only 4 weeks with sales" in result["reason"] or result["reason"] == "Not enough data"


def test_the_catalogue_is_trained_once_and_stored_by_the_week(cereal: Product, database: Database) -> None:
    other = factories.make_product(database, "MILK")
    _sell_by_the_week(database, other, _weeks(30, seed=2))
    result = training_run.train_here()
    assert (result["trained"], result["skipped"]) == (1, 1)
    assert training_run.train_here()["unchanged"] == 1
    for sku in ("CEREAL", "MILK"):
        stored = stored_forecasts.stored_forecast(sku)
        assert stored["step"] == "week"
        assert [point["date"] for point in stored["forecast"]] == [
            (LAST + place * WEEK).isoformat() for place in range(1, 5)
        ]
    assert bulk_forecasts.refresh([cereal.id, other.id])["refreshed"] == 1
    batch = bulk_forecasts.predict_batch(["CEREAL", "MILK"], 14, engine="prophet")
    assert {sku: (made["step"], len(made["yhat"])) for sku, made in batch["forecasts"].items()} == {
        "CEREAL": ("week", 2),
        "MILK": ("week", 2),
    }
    lines = b"".join(exports.forecasts("csv", None).chunks).decode().splitlines()
    dates = {line.split(",")[1] for line in lines[1:]}
    assert dates == {(LAST + place * WEEK).isoformat() for place in (1, 2)}


def test_an_event_names_its_week(cereal: Product, database: Database) -> None:
    with database.transaction() as session:
        days = {"Fair": (-8, -7), "Easter": (1,), "Parade": (6,)}
        for name, offsets in days.items():
            for offset in offsets:
                session.add(Event(name=name, date=LAST + dt.timedelta(days=offset)))
    training.train_product("CEREAL")
    chart = prediction_answers.answer(prediction.predict("CEREAL", 7))["chartData"]
    named = {point["date"]: point["holidayName"] for point in chart if point["isHoliday"]}
    assert named == {
        (LAST - WEEK).isoformat(): "Fair",
        (LAST + WEEK).isoformat(): "Easter, Parade",
    }


def test_a_shop_that_begins_to_sell_daily_is_trained_anew(cereal: Product, database: Database) -> None:
    assert training_run.train_here()["trained"] == 1
    other = factories.make_product(database, "BREAD")
    factories.sell(database, other, [5.0] * 10, until=LAST + dt.timedelta(days=3))
    # Until the next training the model goes on by the week that it knows.
    assert prediction_answers.answer(prediction.predict("CEREAL", 7))["step"] == "week"
    assert training_run.train_here()["trained"] == 1
    assert prediction_answers.answer(prediction.predict("CEREAL", 7))["step"] == "day"


def _shops() -> dict[str, dict[str, list[float | None]]]:
    """Quantities by week and SKU: a made shop, and real groceries where SIPREMS_DATA names their folder."""
    shops: dict[str, dict[str, list[float | None]]] = {
        "made": {f"M{seed}": list(_weeks(120, seed)) for seed in range(3)}
    }
    if GROCERIES.is_file():
        sales = pd.read_csv(GROCERIES, dtype={"sku": str}, parse_dates=["date"])
        table = sales.pivot_table(index="date", columns="sku", values="quantity")
        shops["groceries"] = {
            sku: [None if np.isnan(value) else value for value in table[sku]] for sku in table.columns[::100]
        }
    return shops


@pytest.mark.parametrize("shop", _shops().values(), ids=_shops())
def test_forecasts_of_whole_shops_are_plausible(
    shop: dict[str, list[float | None]], database: Database, models_dir: Path
) -> None:
    for sku, quantities in shop.items():
        _sell_by_the_week(database, factories.make_product(database, sku), quantities)
    assert training_run.train_here()["failed"] == 0
    batch = bulk_forecasts.predict_batch(list(shop), 28)
    assert list(batch["forecasts"]) == list(shop)
    for sku, made in batch["forecasts"].items():
        recent = np.mean([quantity or 0.0 for quantity in shop[sku][-13:]])
        assert (made["step"], len(made["yhat"])) == ("week", 4)
        assert recent / 3 <= np.mean(made["yhat"]) <= recent * 3, sku

"""Predictions from the stored forecasts of the shop, through the services that answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from siprems_backend.services import (
    bulk_forecasts,
    exports,
    prediction,
    prediction_answers,
    stored_forecasts,
    training,
)
from siprems_backend.services.replenishment import views
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils.pagination import PageRequest
from tests import factories
from tests.services.shop_forecasts.shops import YESTERDAY, sells


@pytest.fixture
def bread(database: Database, models_dir: Path) -> Product:
    """A product with a forecast and, beside it, a model."""
    product = sells(database, "BRD-001", 450)
    training.train_product("BRD-001")
    runs.forecast_here()
    return product


def test_auto_answers_with_quantiles_totals_and_why(bread: Product) -> None:
    made = prediction.predict("BRD-001", 14)
    body = prediction_answers.answer(made, quantiles=True)
    assert body["engine"] == "auto"
    assert body["champion"] in body["shares"]
    assert body["engine_reason"].startswith(("Blend of", "Mostly"))
    assert set(body["backtest"]) == {
        "horizon",
        "periods",
        "wape",
        "mase",
        "bias",
        "coverage80",
        "coverage95",
    }
    # The model trained beside it is told as it always was.
    assert 0 < body["accuracy"] <= 100
    assert body["model"]["version"] == 1
    ahead = [point for point in body["chartData"] if point["predicted"] is not None]
    assert [point["date"] for point in ahead] == [
        (YESTERDAY + dt.timedelta(days=day)).isoformat() for day in range(1, 15)
    ]
    for point in ahead:
        assert list(point["quantiles"]) == ["0.025", "0.1", "0.25", "0.5", "0.75", "0.9", "0.975"]
        assert point["quantiles"]["0.025"] == point["lower"] <= point["predicted"] <= point["upper"]
    order = body["recommendations"][0]
    # The line of the plan, for the ten days that it has to last, whatever days are asked for.
    assert order["predictedDemand"] == pytest.approx(
        sum(point["predicted"] for point in ahead[:10]), abs=0.01
    )
    (line,) = views.page(PageRequest()).items
    assert (order["recommendedRestock"], order["reason"]) == (line.recommended, line.reason)
    total = list(order["demandQuantiles"].values())
    assert total == sorted(total)
    # Good and bad days even out.
    assert total[0] > sum(point["lower"] for point in ahead)
    assert total[-1] < sum(point["upper"] for point in ahead)
    assert "quantiles" not in prediction_answers.answer(made)["chartData"][-1]


def test_prophet_answers_when_asked(bread: Product) -> None:
    body = prediction_answers.answer(prediction.predict("BRD-001", 7, engine="prophet"), quantiles=True)
    assert (body["engine"], body["champion"], body["shares"]) == ("prophet", None, None)
    assert body["recommendations"][0]["demandQuantiles"] is None
    assert body["chartData"][-1]["quantiles"] is None


def test_an_older_forecast_serves_the_days_it_still_knows(bread: Product, database: Database) -> None:
    before = prediction.predict("BRD-001", 10).made
    factories.sell(database, bread, [40.0] * 3, until=YESTERDAY + dt.timedelta(days=3))
    after = prediction.predict("BRD-001", 7).made
    assert after.engine == "auto"
    np.testing.assert_array_equal(after.ds, before.ds[3:])
    np.testing.assert_array_equal(after.yhat, before.yhat[3:])


def test_a_forecast_that_has_passed_leaves_it_to_the_model(bread: Product, database: Database) -> None:
    factories.sell(database, bread, [40.0] * 30, until=YESTERDAY + dt.timedelta(days=30))
    made = prediction.predict("BRD-001", 7)
    assert made.made.engine == "prophet"
    assert made.reason.startswith("The forecast of the whole shop ends before the days asked for")


def test_without_a_forecast_the_model_says_so(database: Database, models_dir: Path) -> None:
    sells(database, "A", 450)
    training.train_product("A")
    made = prediction.predict("A", 7)
    assert made.made.engine == "prophet"
    assert made.reason.startswith("No forecast of the whole shop has been made for this product yet.")


@pytest.mark.parametrize(("trained", "how"), [(True, "seasonal model goes on"), (False, "week of the last")])
def test_a_year_ahead_goes_on_by_a_rule_that_is_told(
    database: Database, models_dir: Path, trained: bool, how: str
) -> None:
    sells(database, "A", 450)
    if trained:
        training.train_product("A")
    runs.forecast_here()
    made = prediction.predict("A", 365)
    assert made.shop is not None
    assert made.shop.continuation is not None
    assert made.shop.continuation.startswith("From 2026-07-29 on")
    assert how in made.shop.continuation
    assert (len(made.made.ds), len(made.shop.quantiles)) == (365, 365)
    assert (made.made.lower <= made.made.yhat).all()
    assert (made.made.yhat <= made.made.upper).all()
    # No step where it goes on: a week there is about what the week before was.
    assert made.made.yhat[28:35].sum() == pytest.approx(made.made.yhat[21:28].sum(), rel=0.25)
    assert prediction.predict("A", 28).shop.continuation is None  # type: ignore[union-attr]


def test_workers_make_what_is_missing(database: Database, models_dir: Path) -> None:
    sells(database, "A", 450)
    sells(database, "OTHER", 200)
    made = prediction.predict_trained("A", 7)
    assert made.made.engine == "auto"
    assert prediction_answers.answer(made)["model"]["version"] == 1
    assert prediction.predict("A", 7).made.engine == "auto"
    assert prediction.predict_trained("A", 7, engine="prophet").made.engine == "prophet"


def test_what_never_sold_is_answered_from_launches_before_it(database: Database, models_dir: Path) -> None:
    for number in range(1, 5):
        sells(database, "P" * number, level=10.0 * number)
    factories.make_product(database, "NEW", category="Bread")
    with pytest.raises(Invalid, match="no sales yet"):
        prediction.predict("NEW", 7)
    body = prediction_answers.answer(prediction.predict_trained("NEW", 7))
    assert (body["engine"], body["champion"], body["backtest"]["periods"]) == ("auto", "new-product", 0)
    assert "has not sold yet" in body["engine_reason"]
    assert [point["historical"] for point in body["chartData"]] == [None] * 7


def test_in_a_young_shop_too(database: Database, models_dir: Path) -> None:
    sells(database, "OLD", days=20, level=30.0)
    factories.make_product(database, "NEW", category="Bread")
    body = prediction_answers.answer(prediction.predict_trained("NEW", 7))
    assert (body["engine"], body["champion"]) == ("auto", "new-product")
    assert 10 < np.mean([point["predicted"] for point in body["chartData"]]) < 60


def test_what_never_sold_has_no_answer_before_others_have_sold_for_two_weeks(
    database: Database, models_dir: Path
) -> None:
    sells(database, "OLD", days=13)
    factories.make_product(database, "NEW", category="Bread")
    with pytest.raises(Invalid, match=r"no sales yet.*once one of them has been selling for two weeks"):
        prediction.predict_trained("NEW", 7)
    failed = bulk_forecasts.predict_batch(["NEW"], 7)["failed"]
    assert "once one of them has been selling for two weeks" in failed["NEW"]
    own = bulk_forecasts.predict_batch(["NEW"], 7, engine="prophet")["failed"]
    assert "record or import sales first" in own["NEW"]


def test_weekly_shops_are_served_by_the_week(database: Database, models_dir: Path) -> None:
    product = factories.make_product(database, "CEREAL")
    random = np.random.default_rng(1)
    days: list[float | None] = []
    for units in random.poisson(80, 60):
        days += [None] * 6 + [float(units)]
    factories.sell(database, product, days, until=YESTERDAY)
    runs.forecast_here()
    made = prediction.predict("CEREAL", 28)
    assert (made.made.engine, made.made.step, len(made.made.ds)) == ("auto", "week", 4)
    assert 50 < made.made.yhat.mean() < 110
    # A shop that begins to sell daily has other weeks than those forecast.
    factories.sell(database, product, [5.0], until=YESTERDAY + dt.timedelta(days=1))
    assert prediction.predict("CEREAL", 7, trainable=False).made.engine != "auto"


def test_batches_are_answered_from_the_shop(bread: Product, database: Database) -> None:
    factories.sell(database, factories.make_product(database, "NEW"), [4, 6, 5], until=YESTERDAY)
    result = bulk_forecasts.predict_batch(["NEW", "BRD-001", "NOPE"], 3, quantiles=True)
    assert list(result["forecasts"]) == ["NEW", "BRD-001"]
    assert list(result["failed"]) == ["NOPE"]
    made = result["forecasts"]["BRD-001"]
    assert (made["engine"], made["start_date"], made["step"]) == ("auto", "2026-07-01", "day")
    assert made["yhat"] == prediction.predict("BRD-001", 3).made.yhat.round(4).tolist()
    assert {len(values) for values in made["quantiles"].values()} == {3}
    assert made["total"]["0.025"] < sum(made["yhat"]) < made["total"]["0.975"]
    plain = bulk_forecasts.predict_batch(["BRD-001"], 3)["forecasts"]["BRD-001"]
    assert "quantiles" not in plain


def test_the_stored_forecast_of_either_engine_is_shown(bread: Product) -> None:
    auto = stored_forecasts.stored_forecast("BRD-001")
    assert (auto["engine"], len(auto["forecast"])) == ("auto", 28)
    assert auto["forecast"][0]["quantiles"]["0.975"] == pytest.approx(auto["forecast"][0]["upper"], abs=1e-3)
    own = stored_forecasts.stored_forecast("BRD-001", "prophet")
    assert own["engine"] == "prophet"
    for point in own["forecast"] + auto["forecast"]:
        units = [point[name] for name in ("lower", "predicted", "upper")]
        assert units == sorted(round(value, 4) for value in units)


def test_a_forecast_comes_apart_in_components(bread: Product) -> None:
    parts = stored_forecasts.components("BRD-001")
    assert 30 < parts["level"] < 60
    assert abs(parts["trend_percent"]) < 50
    factors = parts["weekday_factors"]
    # The invented week is busiest on its sixth day and quiet on the first.
    assert max(factors.values()) > 1.2
    assert min(factors.values()) < 0.95
    assert parts["promotion_factor"] is None
    assert parts["season_factor"] == pytest.approx(1.0, abs=0.3)
    assert parts["engine_reason"] == stored_forecasts.stored_forecast("BRD-001")["engine_reason"]


def test_exports_hold_the_shops_forecasts_with_quantiles(bread: Product, database: Database) -> None:
    short = sells(database, "SHORT", 30)
    training.train_product("SHORT")
    assert short.id
    lines = b"".join(exports.forecasts("csv", None).chunks).decode().splitlines()
    assert lines[0] == (
        "sku,date,predicted,lower,upper,engine,created_at,q0.025,q0.1,q0.25,q0.5,q0.75,q0.9,q0.975"
    )
    rows = [line.split(",") for line in lines[1:]]
    assert [row[5] for row in rows] == ["auto"] * 28 + ["window-average"] * 28
    assert all(float(row[7]) <= float(row[10]) <= float(row[13]) for row in rows[:28])
    assert rows[-1][7:] == [""] * 7

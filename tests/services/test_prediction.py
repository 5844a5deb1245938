"""Training and forecasting through the services, on the real database and volume."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import orjson
import pytest

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.models.artifacts import Artifact
from siprems_backend.models.events import Event
from siprems_backend.models.products import Product
from siprems_backend.services import (
    forecasting,
    histories,
    model_repository,
    prediction,
    prediction_answers,
    prediction_requests,
    product_choice,
    stored_forecasts,
    training,
    training_run,
)
from siprems_backend.utils.roles import Role
from tests import factories

YESTERDAY = dt.date(2026, 6, 30)
LEGACY = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture
def bread(database: Database, models_dir: Path) -> Product:
    product = factories.make_product(database, "BRD-001", stock=30)
    factories.sell(database, product, factories.weekly_demand(450), until=YESTERDAY)
    return product


def test_a_trained_product_is_served_from_its_file(bread: Product, database: Database) -> None:
    with pytest.raises(prediction.ModelMissing):
        prediction.predict("BRD-001", 7)
    result = training.train_product("BRD-001")
    assert (result["status"], result["version"], result["engine"]) == ("success", 1, "prophet")
    assert 0 < result["accuracy"] <= 100
    answer = prediction_answers.answer(prediction.predict("BRD-001", 7))
    assert answer["engine"] == "prophet"
    assert answer["model"]["version"] == 1
    ahead = [point for point in answer["chartData"] if point["predicted"] is not None]
    assert [point["date"] for point in ahead] == [
        (YESTERDAY + dt.timedelta(days=day)).isoformat() for day in range(1, 8)
    ]
    past = [point for point in answer["chartData"] if point["historical"] is not None]
    assert len(past) == 90
    demand = sum(point["predicted"] for point in ahead)
    order = answer["recommendations"][0]
    # It has to last for a week and the three days that a delivery takes.
    assert order["predictedDemand"] == pytest.approx(demand * 10 / 7, rel=0.2)
    assert order["recommendedRestock"] == math.ceil(order["reorderPoint"] - 30)
    assert order["reason"].endswith(" at once.")


def test_the_file_is_what_stock_prophet_reads(bread: Product, models_dir: Path) -> None:
    from prophet.serialize import model_from_json

    training.train_product("BRD-001")
    made = prediction.predict("BRD-001", 14).made
    stock = model_from_json((models_dir / "model_BRD-001.json").read_text())
    future = stock.make_future_dataframe(14, include_history=False)
    future["promo"] = 0.0
    meta = orjson.loads((models_dir / "meta" / "meta_BRD-001.json").read_bytes())
    expected = np.expm1(stock.predict(future)["yhat"].to_numpy()) * meta["correction_factor"]
    np.testing.assert_allclose(made.yhat, expected, rtol=1e-9)


def test_an_event_changes_the_data_and_so_the_next_run_trains_again(
    bread: Product, database: Database
) -> None:
    assert training_run.train_here()["trained"] == 1
    assert training_run.train_here()["unchanged"] == 1
    with database.transaction() as session:
        session.add(Event(name="Festival", date=YESTERDAY - dt.timedelta(days=100)))
    assert training_run.train_here()["trained"] == 1


def test_a_model_whose_files_are_gone_is_trained_again(bread: Product, models_dir: Path) -> None:
    training_run.train_here()
    shutil.rmtree(models_dir)
    assert training_run.train_here()["trained"] == 1
    assert training_run.train_here()["unchanged"] == 1
    assert prediction.predict("BRD-001", 7).made.engine == "prophet"


def test_a_product_that_falls_silent_is_looked_at_again(bread: Product, database: Database) -> None:
    other = factories.make_product(database, "OTHER")
    training_run.train_here()
    factories.sell(database, other, [5.0] * 40, until=YESTERDAY + dt.timedelta(days=40))
    assert training_run.train_here()["trained"] == 1
    loaded = forecasting.load_model("BRD-001")
    assert loaded is not None
    assert loaded.serving.engine == "window-average"
    assert "has not sold" in loaded.meta["served_reason"]
    assert training_run.train_here()["unchanged"] == 1


def test_versions_are_kept_listed_and_activated(bread: Product, database: Database, models_dir: Path) -> None:
    caller = factories.make_principal(database)
    for _ in range(5):
        training.train_product("BRD-001")
    versions = model_repository.versions("BRD-001")
    assert [(artifact.version, artifact.is_active) for artifact in versions] == [
        (5, True),
        (4, False),
        (3, False),
        (2, False),
    ]
    model_repository.activate("BRD-001", 3, caller)
    loaded = forecasting.load_model("BRD-001")
    assert loaded is not None
    assert loaded.meta["version"] == 3
    with pytest.raises(NotFound):
        model_repository.activate("BRD-001", 1, caller)
    shutil.rmtree(models_dir / "versions")
    with pytest.raises(Conflict):
        model_repository.activate("BRD-001", 4, caller)
    assert [a.version for a in model_repository.versions("BRD-001") if a.is_active] == [3]


def test_a_corrupt_model_is_never_served(bread: Product, models_dir: Path) -> None:
    training.train_product("BRD-001")
    path = models_dir / "model_BRD-001.json"
    healthy = path.read_bytes()
    path.unlink()
    path.write_bytes(healthy[: len(healthy) // 2])
    assert prediction_answers.answer(prediction.predict("BRD-001", 7))["engine"] == "prophet"
    shutil.rmtree(models_dir / "versions")
    path.write_bytes(healthy[: len(healthy) // 3])
    with pytest.raises(prediction.ModelMissing):
        prediction.predict("BRD-001", 7)
    assert training.train_product("BRD-001")["status"] == "success"
    assert prediction.predict("BRD-001", 7).made.engine == "prophet"


def test_a_model_of_the_earlier_version_is_served(
    database: Database, models_dir: Path, bread: Product
) -> None:
    shutil.copy(LEGACY / "prophet_1_5_model.json", models_dir / "model_BRD-001.json")
    answer = prediction_answers.answer(prediction.predict("BRD-001", 7))
    assert answer["engine"] == "prophet"
    assert answer["model"] == {"trained_at": None, "version": None}


def test_the_chart_tells_zeros_from_days_the_shop_was_shut(database: Database, models_dir: Path) -> None:
    bread, cake = (factories.make_product(database, sku) for sku in ("BREAD", "CAKE"))
    # The 26th is a day off; on the 28th more bread came back than was sold.
    factories.sell(database, bread, [5, None, None, 7, -2, 3, None], until=YESTERDAY)
    factories.sell(database, cake, [1, 1, None, 1, 1, 1, 2], until=YESTERDAY)
    with database.transaction() as session:
        day = dt.date(2026, 6, 28)
        session.add_all(Event(name=name, date=day) for name in ("Fair", "Market"))
        session.add(Event(name="Feast", date=YESTERDAY + dt.timedelta(days=2), include_in_prediction=False))
        session.add(Event(name="Beyond", date=YESTERDAY + dt.timedelta(days=3)))
    points = prediction_answers.chart(prediction.predict("BREAD", 2))
    assert [(point["date"][5:], point["historical"], point["holidayName"]) for point in points] == [
        ("06-24", 5.0, None),
        ("06-25", 0.0, None),
        ("06-26", None, None),
        ("06-27", 7.0, None),
        ("06-28", 0.0, "Fair, Market"),
        ("06-29", 3.0, None),
        ("06-30", 0.0, None),
        ("07-01", None, None),
        ("07-02", None, "Feast"),
    ]
    assert [point["isHoliday"] for point in points] == [point["holidayName"] is not None for point in points]
    assert [point["predicted"] is None for point in points] == [True] * 7 + [False] * 2


@pytest.mark.parametrize("history_days", [0, 30, 900])
def test_an_average_from_its_reach_is_that_of_the_whole_past(
    database: Database, models_dir: Path, history_days: int
) -> None:
    slow, daily = (factories.make_product(database, sku) for sku in ("SLOW", "DAILY"))
    random = np.random.default_rng(3)
    demand = [float(units) if units else None for units in random.poisson(0.3, 700)]
    factories.sell(database, slow, demand, until=YESTERDAY)
    # The shop is shut now and then.
    opened = [None if random.random() < 0.1 else 5.0 for _ in range(699)]
    factories.sell(database, daily, [*opened, 5.0], until=YESTERDAY)
    training.train_product("SLOW")
    answer = prediction.predict("SLOW", 14, history_days=history_days)
    assert answer.loaded is not None
    assert answer.made.engine == "window-average"
    _, history, shop = histories.product_history("SLOW")
    expected = forecasting.average_forecast(history, shop, answer.made.ds)
    for name in ("yhat", "lower", "upper"):
        np.testing.assert_array_equal(getattr(answer.made, name), getattr(expected, name))
    first_sale = next(place for place, units in enumerate(demand) if units)
    assert len(answer.outlook.past) == min(history_days, 700 - first_sale)


@pytest.mark.parametrize(("history_days", "shown"), [(0, 0), (1, 1), (3, 3), (3660, 7)])
def test_the_past_is_as_long_as_asked_for_and_known(
    database: Database, models_dir: Path, history_days: int, shown: int
) -> None:
    product = factories.make_product(database, "A")
    factories.sell(database, product, [1, 2, 3, 4, 5, 6, 7], until=YESTERDAY)
    points = prediction_answers.chart(prediction.predict("A", 1, history_days=history_days))
    assert [point["historical"] for point in points] == [*range(8 - shown, 8), None]


def test_a_sale_shows_in_the_next_answer(bread: Product, database: Database) -> None:
    training.train_product("BRD-001")
    prediction.predict("BRD-001", 1)
    today = YESTERDAY + dt.timedelta(days=1)
    factories.sell(database, bread, [4.5], until=today)
    last, ahead = prediction_answers.chart(prediction.predict("BRD-001", 1))[-2:]
    assert (last["date"], last["historical"]) == (today.isoformat(), 4.5)
    assert ahead["date"] == (today + dt.timedelta(days=1)).isoformat()
    with database.transaction() as session:
        session.merge(bread).stock = 99
    answer = prediction_answers.answer(prediction.predict("BRD-001", 1))
    assert answer["recommendations"][0]["currentStock"] == 99


def test_short_histories_are_answered_by_their_average(database: Database, models_dir: Path) -> None:
    product = factories.make_product(database, "NEW", stock=0)
    factories.sell(database, product, [4, 6, 5], until=YESTERDAY)
    answer = prediction_answers.answer(prediction.predict("NEW", 5))
    assert answer["engine"] == "window-average"
    assert "average" in answer["engine_reason"]
    ahead = [point["predicted"] for point in answer["chartData"] if point["predicted"] is not None]
    assert len(ahead) == 5
    assert 1 <= min(ahead) <= max(ahead) <= 9
    assert answer["recommendations"][0]["urgency"] == "high"


def test_what_never_sold_cannot_be_forecast(database: Database, models_dir: Path) -> None:
    factories.make_product(database, "IDLE")
    with pytest.raises(Invalid, match="no sales yet"):
        prediction.predict("IDLE", 7)
    with pytest.raises(NotFound):
        prediction.predict("NOPE", 7)
    assert training.train_product("IDLE") | {"timestamp": ""} == {
        "status": "skipped",
        "product_sku": "IDLE",
        "reason": "Not enough data",
        "timestamp": "",
    }


def test_too_short_a_history_gets_no_model_but_a_stored_forecast(
    database: Database, models_dir: Path
) -> None:
    product = factories.make_product(database, "SHORT")
    factories.sell(database, product, [3.0, 5.0, 4.0] * 10, until=YESTERDAY)
    result = training.train_product("SHORT")
    assert (result["status"], result["engine"]) == ("skipped", "window-average")
    assert "only 30 days" in result["reason"]
    stored = stored_forecasts.stored_forecast("SHORT")
    assert (stored["engine"], len(stored["forecast"])) == ("window-average", 28)
    assert not list(models_dir.glob("model_*"))


def test_forecasts_never_leave_what_the_product_could_plausibly_sell(
    database: Database, models_dir: Path
) -> None:
    product = factories.make_product(database, "BURST")
    explosive = [float(2 ** (day // 6)) for day in range(70)]
    factories.sell(database, product, explosive, until=YESTERDAY)
    made = prediction.predict_trained("BURST", 365).made
    assert made.upper.max() <= 1.5 * max(explosive)
    assert (made.lower >= 0).all()


def test_batches_are_named_or_filtered(database: Database) -> None:
    caller = factories.make_principal(database, Role.ANALYST)
    for sku in ("A_1", "A%2", "B"):
        factories.make_product(database, sku, category="c" if sku != "B" else "d")
    matching = partial(product_choice.chosen, None)
    assert sorted(matching({"category": "c"})) == ["A%2", "A_1"]
    assert matching({"search": "a_"}) == ["A_1"]
    assert matching({"search": "%"}) == ["A%2"]
    with pytest.raises(Invalid, match="No product matches"):
        prediction_requests.submit_batch(None, {"category": "none"}, 7, caller)
    with pytest.raises(Invalid, match="too many"):
        prediction_requests.submit_batch([str(n) for n in range(3000)], None, 7, caller)


def test_one_bad_product_never_fails_its_chunk(
    bread: Product, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sell(database, factories.make_product(database, "BAD"), [3.0] * 70, until=YESTERDAY)
    real = training.train_history

    def sometimes(product: Product, *rest: object) -> object:
        if product.sku == "BAD":
            raise ZeroDivisionError("a bug")
        return real(product, *rest)

    monkeypatch.setattr(training, "train_history", sometimes)
    result = training_run.train_here()
    assert (result["trained"], result["failed"]) == (1, 1)
    assert result["results"]["BAD"]["reason"] == (
        "Something went wrong on our side (ZeroDivisionError); the traceback tells more."
    )


def test_a_full_disk_fails_the_chunk_so_that_it_is_tried_again(
    bread: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_rest: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training, "train_history", full)
    with pytest.raises(OSError, match="No space"):
        training_run.train_here()


def test_rows_and_files_agree(bread: Product, database: Database, models_dir: Path) -> None:
    training.train_product("BRD-001")
    with database.reading() as session:
        row = session.query(Artifact).one()
    meta = orjson.loads((models_dir / "meta" / "meta_BRD-001.json").read_bytes())
    assert row.checksum == meta["checksum"]
    assert row.data_hash == meta["data_hash"]
    assert row.size_bytes == (models_dir / "model_BRD-001.json").stat().st_size

"""Learned models trained from the database, kept, and put to use."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siprems_backend.errors import Invalid, NotFound, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.models import learned_models
from siprems_backend.services import bulk_forecasts, prediction, stored_forecasts
from siprems_backend.services.learned_models import prophet, repository, runs, training
from siprems_backend.services.shop_forecasts import by_learned
from siprems_backend.services.shop_forecasts import runs as shop_runs
from siprems_backend.utils.pagination import PageRequest
from siprems_engine.forecasting import learned
from siprems_engine.forecasting.learned import load_model
from tests import factories
from tests.services.learned_models.shops import QUICK, stocked
from tests.services.shop_forecasts.shops import YESTERDAY, sells

METRICS = {"train_r2", "test_r2", "train_rmse", "test_rmse", "final_loss", "backtest"}


class Heard:
    """Writes down the progress of a training."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, int, str, dict[str, Any]]] = []

    def __call__(self, current: int, total: int, message: str = "", **details: Any) -> None:
        self.reports.append((current, total, message, details))


def test_a_model_is_trained_kept_and_forecasts(database: Database, models_dir: Path) -> None:
    stocked(database)
    heard = Heard()
    result = training.train("lightgbm", QUICK, on_progress=heard)
    assert result["success"] is True
    assert result["message"] == "Trained lightgbm version 1 on 3 products"
    assert set(result["metrics"]) == METRICS
    assert result["metrics"]["backtest"]["horizon"] == 28
    assert [line["engine"] for line in result["comparison"]].count("lightgbm") == 1
    assert {"prophet", "prophet-adaptive", "auto", "seasonal-naive", "auto+lightgbm"} < {
        line["engine"] for line in result["comparison"]
    }
    assert result["epochs"]["asked"] == 4
    assert result["loss_curve"]["epoch"] == [1, 2, 3, 4]
    assert result["forecasts"] == 3
    done = [report[0] for report in heard.reports]
    assert done == sorted(done)
    assert heard.reports[-1][:2] == (1000, 1000)
    epochs = [report for report in heard.reports if report[2] == "Training epoch 2/4"]
    assert set(epochs[0][3]) == {"stage", "epoch", "epochs", "loss", "validation_loss"}

    version = repository.get(result["model_id"])
    assert version.is_active
    _, path = repository.file_of(version.id)
    assert load_model(path.read_bytes()).recipe.model_type == "lightgbm"
    assert path.is_relative_to(models_dir)
    made = prediction.predict("A", 14, engine="lightgbm")
    assert made.made.engine == "lightgbm"
    assert made.shop is not None
    assert made.shop.stored.champion == "lightgbm"
    assert "By lightgbm alone" in made.reason
    shown = stored_forecasts.stored_forecast("A", "lightgbm")
    assert shown["engine"] == "lightgbm"
    assert len(shown["forecast"]) == 28
    # `auto` is another forecast.
    assert prediction.predict("A", 14, trainable=False).shop is None


def test_prices_are_read_from_what_was_paid(database: Database, models_dir: Path) -> None:
    product = sells(database, "A", 40)
    with database.transaction() as session:
        session.execute(text("UPDATE daily_sales SET revenue = quantity * 2.5 WHERE date > '2026-06-20'"))
        session.execute(text("UPDATE daily_sales SET quantity = -1 WHERE date = '2026-06-30'"))
    grid = training.load_catalogue().demand.grid
    assert grid.price is not None
    known = {str(day): price for day, price in zip(grid.days, grid.price[0], strict=True)}
    assert known["2026-06-29"] == 2.5
    assert known["2026-06-19"] != known["2026-06-19"]
    assert product.id


def test_the_next_version_takes_over_and_old_ones_go(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(database)
    numbers = [training.train("xgboost", {"epochs": 2, "folds": 0}, beside=())["version"] for _ in range(6)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    page = repository.listing("xgboost", PageRequest(1, 50))
    # The active one and three before it.
    assert [each.version for each in page.items] == [6, 5, 4, 3]
    assert [each.is_active for each in page.items] == [True, False, False, False]
    assert sorted(path.name for path in (models_dir / "learned" / "xgboost").iterdir()) == [
        "3.zip", "4.zip", "5.zip", "6.zip",
    ]  # fmt: skip
    operator = factories.make_principal(database)
    earlier = page.items[1]
    repository.activate(earlier.id, operator)
    assert repository.active("xgboost")[0].version == 5
    # Its own forecasts have to be made first, and say so until then.
    assert (
        "has not forecast this product yet"
        in prediction.predict("A", 7, engine="xgboost", trainable=False).reason
    )
    assert prediction.predict_trained("A", 7, engine="xgboost").made.engine == "xgboost"
    repository.remove(earlier.id, operator)
    assert repository.active("xgboost")[0].version == 6
    for each in repository.listing(None, PageRequest(1, 50)).items:
        repository.remove(each.id, operator)
    with pytest.raises(Invalid, match="POST /train/xgboost"):
        prediction.predict("A", 7, engine="xgboost")
    with pytest.raises(NotFound):
        repository.remove(earlier.id, operator)
    assert not list((models_dir / "learned" / "xgboost").iterdir())


def test_files_that_are_gone_or_broken_never_serve(database: Database, models_dir: Path) -> None:
    products = stocked(database)
    training.train("xgboost", {"epochs": 2, "folds": 0}, beside=())
    version = repository.active("xgboost")[0]
    path = repository.open_store().path("xgboost", 1)
    path.write_bytes(b"broken")
    repository._loaded.cache_clear()
    assert repository.load(version) is None
    assert by_learned.refresh([each.id for each in products])["xgboost"]["reason"] == by_learned.UNUSABLE
    path.unlink()
    with pytest.raises(NotFound, match="train it again"):
        repository.file_of(version.id)


def test_the_refresh_makes_what_changed_and_only_that(database: Database, models_dir: Path) -> None:
    products = stocked(database)
    ids = [each.id for each in products]
    training.train("lightgbm", {"epochs": 2, "folds": 0}, beside=())
    first = shop_runs.forecast_chunk(ids)
    assert first["learned"] == {"lightgbm": {"forecasts": 0, "unchanged": 3}}
    factories.sell(database, products[0], [9.0], until=YESTERDAY + dt.timedelta(days=1))
    second = shop_runs.forecast_chunk(ids)
    assert second["learned"] == {"lightgbm": {"forecasts": 3}}
    assert shop_runs.summed([first, second])["learned"] == {"lightgbm": {"forecasts": 3, "unchanged": 3}}
    assert prediction.predict("A", 3, engine="lightgbm").shop is not None


def test_only_a_model_that_helps_takes_part_in_the_blend(database: Database, models_dir: Path) -> None:
    products = stocked(database)
    ids = [each.id for each in products]
    training.train("lightgbm", {"epochs": 2, "folds": 0}, beside=())
    assert by_learned.joining() is None
    shop_runs.forecast_chunk(ids)
    assert "lightgbm" not in stored_shares("A")
    with database.transaction() as session:
        learned_models.active(session, "lightgbm")[0].gain = 0.9
    joining = by_learned.joining()
    assert joining is not None
    assert joining.name == "lightgbm"
    shop_runs.forecast_chunk(ids)
    assert "lightgbm" in stored_shares("A")


def stored_shares(sku: str) -> dict[str, float]:
    return dict(stored_forecasts.components(sku)["shares"])


def test_a_batch_is_forecast_by_a_model(database: Database, models_dir: Path) -> None:
    stocked(database)
    with pytest.raises(Invalid, match="Nobody has trained"):
        bulk_forecasts.predict_batch(["A"], 7, engine="lightgbm")
    training.train("lightgbm", {"epochs": 2, "folds": 0}, beside=())
    result = bulk_forecasts.predict_batch(["A", "CCC", "?"], 7, engine="lightgbm")
    assert {sku: each["engine"] for sku, each in result["forecasts"].items()} == {
        "A": "lightgbm", "CCC": "lightgbm",
    }  # fmt: skip
    assert list(result["failed"]) == ["?"]


def test_what_cannot_be_learned_from_is_told(database: Database, models_dir: Path) -> None:
    empty = training.train("xgboost", {})
    assert (empty["success"], empty["status"]) == (False, "skipped")
    assert "Nothing has been sold yet" in empty["message"]
    sells(database, "A", 30)
    young = training.train("xgboost", {})
    assert "not sold for long enough" in young["message"]
    with database.transaction() as session:
        session.execute(text("UPDATE products SET is_active = false"))
    assert "No product is sold any more" in training.train("xgboost", {})["message"]
    assert repository.listing(None, PageRequest(1, 50)).total == 0


def test_a_missing_framework_is_told(
    database: Database, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "can_train", lambda _type: False)
    result = training.train("tensorflow", {})
    assert result["status"] == "skipped"
    assert "pip install --no-deps -r requirements-tensorflow.txt" in result["message"]


def test_prophet_is_judged_beside_the_other_engines(database: Database, models_dir: Path) -> None:
    stocked(database)
    result = prophet.train({"folds": 1})
    assert result["success"]
    assert (result["trained"], result["failed"]) == (3, 0)
    assert set(result["metrics"]) == METRICS
    assert result["metrics"]["backtest"]["wape"] > 0
    assert {line["engine"] for line in result["comparison"]} == set(learned.BESIDE)
    assert runs.run("prophet", {"folds": 1})["unchanged"] == 3


def test_cancelling_leaves_nothing(database: Database, models_dir: Path) -> None:
    stocked(database)

    def cancelled(current: int, _total: int, _message: str = "", **_details: Any) -> None:
        if current > 300:
            raise TaskCancelled

    with pytest.raises(TaskCancelled):
        training.train("xgboost", QUICK, on_progress=cancelled)
    assert repository.listing(None, PageRequest(1, 50)).total == 0
    assert not (models_dir / "learned").exists()

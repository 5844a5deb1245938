"""The nightly watch on the real database: figures, drift, and what is done about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models import task_queries
from siprems_backend.models.accuracy import PastForecast, ProductAccuracy, ShopAccuracy
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.models.tasks import Task
from siprems_backend.services import task_registry, training_run
from siprems_backend.services.accuracy import watch
from siprems_backend.services.accuracy.remember import NewForecast, remember
from siprems_backend.services.shop_forecasts.making import forecast_products
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils import clock
from siprems_engine.forecasting import metrics
from tests import factories
from tests.services.accuracy.forecasts import UNTIL, forecast, forecast_daily

DAY = dt.timedelta(days=1)


def _figures(database: Database) -> dict[int, ProductAccuracy]:
    with database.reading() as session:
        return {row.product_id: row for row in session.scalars(select(ProductAccuracy))}


def _shop(database: Database) -> list[ShopAccuracy]:
    with database.reading() as session:
        return list(session.scalars(select(ShopAccuracy).order_by(ShopAccuracy.date)))


def _remember(database: Database, made: list[NewForecast]) -> None:
    with database.transaction() as session:
        remember(session, made)


def _product(database: Database, sku: str, level: float, seed: int = 1, **values: object) -> Product:
    product = factories.make_product(database, sku, **values)
    units = np.random.default_rng(seed).poisson(level, 120).astype(float)
    factories.sell(database, product, units.tolist(), until=UNTIL)
    return product


def _watch(database: Database) -> tuple[UUID, list[Task]]:
    task_id = task_registry.submit(TaskKind.ACCURACY_WATCH, {}).task_id
    watch.start(task_id)
    with database.reading() as session:
        return task_id, task_queries.children(session, task_id)


def test_figures_are_those_of_the_newest_forecast_before_each_day(database: Database) -> None:
    bread = _product(database, "BRD-001", 20.0)
    random = np.random.default_rng(3)
    made = [
        forecast(bread, UNTIL - back * DAY, random.uniform(10.0, 30.0, 14).tolist()) for back in range(1, 29)
    ]
    _remember(database, made)
    assert watch.score() == 1
    sold = np.random.default_rng(1).poisson(20.0, 120).astype(float)
    actual, mean = sold[-28:], np.array([each.mean[0] for each in reversed(made)])
    quantiles = np.stack([each.quantiles[0] for each in reversed(made)])
    row = _figures(database)[bread.id]
    assert (row.periods, row.as_of, row.since, row.engine) == (28, UNTIL, UNTIL - 27 * DAY, "auto")
    assert row.units == actual.sum()
    assert row.wape == pytest.approx(metrics.wape(actual, mean), rel=1e-5)
    assert row.bias == pytest.approx(metrics.bias(actual, mean), rel=1e-5)
    assert row.mase == pytest.approx(metrics.mase(actual, mean, sold[:-28]), rel=1e-5)
    assert row.coverage80 == metrics.coverage(actual, quantiles[:, 1], quantiles[:, 5])
    assert row.coverage95 == metrics.coverage(actual, quantiles[:, 0], quantiles[:, 6])
    pairs = [
        (actual[28 - back + ahead], each.mean[ahead])
        for back, each in enumerate(made, 1)
        for ahead in range(min(back, 14))
    ]
    both = np.array(pairs).T
    assert row.wape_ahead == pytest.approx(metrics.wape(*both), rel=1e-5)
    assert (row.note, row.acted_as_of) == (None, None)


def test_the_shops_days_are_pooled_over_all_products(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One product at a time, so that parts of the catalogue have to be added up.
    monkeypatch.setattr(watch, "TOGETHER", 1)
    for seed, level in enumerate((5.0, 50.0)):
        product = _product(database, f"P{seed}", level, seed)
        forecast_daily(database, product, level, origins=10)
    watch.score()
    rows = _shop(database)
    assert [row.date for row in rows] == [UNTIL - back * DAY for back in range(9, -1, -1)]
    sold = [np.random.default_rng(seed).poisson(level, 120)[-10:] for seed, level in enumerate((5.0, 50.0))]
    for place, row in enumerate(rows):
        actual, mean = np.array([float(each[place]) for each in sold]), np.array([5.0, 50.0])
        assert (row.products, row.units) == (2, actual.sum())
        assert row.wape == pytest.approx(metrics.wape(actual, mean))
        assert row.bias == pytest.approx(metrics.bias(actual, mean))


def test_a_watch_that_is_repeated_says_the_same(database: Database) -> None:
    forecast_daily(database, _product(database, "BRD-001", 20.0), 20.0, origins=12)
    watch.score()
    first = {key: row.wape for key, row in _figures(database).items()}, [row.wape for row in _shop(database)]
    watch.score()
    again = {key: row.wape for key, row in _figures(database).items()}, [row.wape for row in _shop(database)]
    assert first == again


def test_closed_days_and_the_present_day_are_not_scored(database: Database) -> None:
    today = clock.today()
    bread = factories.make_product(database)
    # Nobody sold anything the day before yesterday, and today is not over.
    factories.sell(database, bread, [*[8.0] * 40, 0.0, 9.0, 1.0], until=today)
    made = [forecast(bread, today - back * DAY, [8.0] * 14) for back in range(1, 5)]
    _remember(database, made)
    watch.score()
    row = _figures(database)[bread.id]
    assert (row.periods, row.as_of, row.units, row.absolute_error) == (2, today - DAY, 17.0, 1.0)
    assert [day.date for day in _shop(database)] == [today - 3 * DAY, today - DAY]
    assert row.note == "Only 2 days could be compared; bias and drift are judged from 8 on."


def test_days_without_stock_are_not_scored(database: Database) -> None:
    bread, cake = factories.make_product(database), factories.make_product(database, "CKE")
    # The shop is open, but the bread ran out three days before the end.
    factories.sell(database, bread, [*[8.0] * 30, 0.0, 0.0, 0.0], until=UNTIL)
    factories.sell(database, cake, [5.0] * 33, until=UNTIL)
    with database.transaction() as session:
        session.add_all(
            StockLevel(product_id=bread.id, date=UNTIL - back * DAY, on_hand=0) for back in range(4)
        )
    for product, mean in ((bread, 8.0), (cake, 5.0)):
        forecast_daily(database, product, mean, origins=10)
    watch.score()
    rows = _figures(database)
    assert rows[cake.id].periods == 10
    assert rows[bread.id].periods < 8
    assert (rows[bread.id].absolute_error, rows[bread.id].drifted) == (0.0, False)


def test_goods_that_come_back_while_nothing_sells_move_nothing(database: Database) -> None:
    bread = factories.make_product(database)
    factories.sell(database, bread, [-1.0, *[8.0] * 30, -3.0, -1.0], until=UNTIL + 2 * DAY)
    forecast_daily(database, bread, 8.0, origins=10)
    watch.score()
    row = _figures(database)[bread.id]
    assert (row.periods, row.as_of, row.absolute_error) == (10, UNTIL, 0.0)


def test_weeks_are_scored_by_the_week(database: Database) -> None:
    bread = factories.make_product(database)
    units: list[float | None] = [None] * (7 * 30)
    units[6::7] = [float(70 + place) for place in range(30)]
    factories.sell(database, bread, units, until=UNTIL)
    made = [forecast(bread, UNTIL - 7 * back * DAY, [90.0] * 8, step_days=7) for back in range(1, 5)]
    _remember(database, made)
    watch.score()
    row = _figures(database)[bread.id]
    assert (row.periods, row.step_days, row.units) == (4, 7, 96.0 + 97 + 98 + 99)
    assert row.absolute_error == 6.0 + 7 + 8 + 9
    assert [day.date for day in _shop(database)] == [UNTIL - 7 * back * DAY for back in (3, 2, 1, 0)]


def test_what_drifted_is_trained_and_forecast_anew(database: Database, models_dir: Path) -> None:
    good = _product(database, "GOOD", 20.0, 1)
    gone = _product(database, "LEFT", 20.0, 2)
    forecast_daily(database, good, 20.0, origins=28)
    # It is forecast as a third of what it sells.
    forecast_daily(database, gone, 7.0, origins=28)
    task_id, children = _watch(database)
    # The shop is one part: products learn from each other, so all of it is forecast anew.
    assert {child.kind: child.kwargs["product_ids"] for child in children} == {
        TaskKind.FORECAST_SHOP_CHUNK: [good.id, gone.id],
        TaskKind.TRAIN_CHUNK: [gone.id],
    }
    row = _figures(database)[gone.id]
    assert (row.drifted, row.biased, row.acted_as_of) == (True, True, UNTIL)
    assert row.drift is not None
    assert row.drift > 0
    assert row.drift_since is not None
    assert UNTIL - 27 * DAY <= row.drift_since <= UNTIL
    assert not _figures(database)[good.id].drifted
    result = watch.summarise(children[0], [])
    assert (result["drifted"], result["products"], result["as_of"]) == (1, 2, str(UNTIL))
    assert [each["product_sku"] for each in result["drifted_products"]] == ["LEFT"]
    assert result["worst"][0]["product_sku"] == "LEFT"
    assert task_id == children[0].parent_id


def test_a_drift_is_acted_on_once_for_each_day_that_becomes_known(
    database: Database, models_dir: Path
) -> None:
    product = _product(database, "LEFT", 20.0)
    forecast_daily(database, product, 7.0, origins=20)
    assert len(_watch(database)[1]) == 2
    assert _watch(database)[1] == []
    factories.sell(database, product, [21.0], until=UNTIL + DAY)
    assert len(_watch(database)[1]) == 2


def test_a_watch_that_died_before_acting_acts_when_it_is_run_again(
    database: Database, models_dir: Path
) -> None:
    forecast_daily(database, _product(database, "LEFT", 20.0), 7.0, origins=20)
    watch.score()
    parent = task_registry.submit(TaskKind.ACCURACY_WATCH, {}).task_id
    assert watch.start(parent) == 2


def test_what_the_shop_is_forecast_is_remembered_with_it(database: Database) -> None:
    product = _product(database, "BRD-001", 20.0)
    forecast_products([product.id])
    with database.reading() as session:
        [kept] = session.scalars(select(PastForecast)).all()
        stored = session.scalars(select(ShopForecast)).one()
    assert (kept.origin, kept.step_days, kept.engine) == (UNTIL, 1, stored.champion)
    np.testing.assert_allclose(kept.mean, stored.mean[:14], rtol=1e-6)
    for name, column in (("q025", 0), ("q100", 1), ("q500", 3), ("q900", 5), ("q975", 6)):
        np.testing.assert_allclose(getattr(kept, name), np.array(stored.quantiles)[:14, column], rtol=1e-6)
    factories.sell(database, product, [21.0], until=UNTIL + DAY)
    assert watch.score() == 1
    assert _figures(database)[product.id].periods == 1


def test_the_result_counts_what_became_of_the_trainings(database: Database) -> None:
    chunk, shard = TaskKind.TRAIN_CHUNK.value, TaskKind.FORECAST_SHOP_CHUNK.value
    counts = {"trained": 2, "unchanged": 1, "skipped": 0, "failed": 1}
    done = Task(kind=chunk, status="SUCCESS", result=counts)
    lost = Task(kind=chunk, status="FAILURE", kwargs={"product_ids": [1, 2, 3]})
    made = {"forecasts": 7, "unchanged": 0, "failed": 0, "never_sold": 1, "reasons": {}}
    result = watch.summarise(Task(), [done, lost, Task(kind=shard, status="SUCCESS", result=made)])
    assert (result["forecast_anew"], result["forecast_unchanged"], result["note"]) == (7, 0, None)
    counts = {name: result[name] for name in ("trained", "unchanged", "skipped", "failed")}
    assert counts == {"trained": 2, "unchanged": 1, "skipped": 0, "failed": 4}


def test_a_watch_that_found_nothing_new_to_do_says_so(database: Database, models_dir: Path) -> None:
    product = _product(database, "LEFT", 20.0)
    forecast_daily(database, product, 7.0, origins=20)
    training_run.train_chunk([product.id])
    forecast_products([product.id])
    in_vain = _watched_and_done(database)
    assert (in_vain["unchanged"], in_vain["forecast_unchanged"], in_vain["forecast_anew"]) == (1, 1, 0)
    assert in_vain["note"] == watch.NOTHING_NEW
    factories.sell(database, product, [21.0], until=UNTIL + DAY)
    anew = _watched_and_done(database)
    assert (anew["trained"], anew["forecast_anew"], anew["note"]) == (1, 1, None)


def _watched_and_done(database: Database) -> dict[str, Any]:
    """The result of a watch whose children were run."""
    children = _watch(database)[1]
    for child in children:
        work = training_run.train_chunk if child.kind == TaskKind.TRAIN_CHUNK else forecast_products
        child.status, child.result = "SUCCESS", work(child.kwargs["product_ids"])
    return watch.summarise(Task(), children)


def test_nothing_was_sold_or_forecast(database: Database) -> None:
    assert watch.score() == 0
    product = factories.make_product(database)
    _remember(database, [forecast(product, UNTIL, [1.0])])
    assert watch.score() == 0
    assert watch.start(uuid4()) == 0
    result = watch.summarise(Task(), [])
    assert (result["as_of"], result["products"], result["wape"]) == (None, 0, None)


def test_figures_go_with_the_forecasts_and_with_products_no_longer_sold(database: Database) -> None:
    kept, retired = _product(database, "KEPT", 9.0, 1), _product(database, "RETIRED", 9.0, 2)
    for product in (kept, retired):
        forecast_daily(database, product, 9.0, origins=9)
    watch.score()
    assert set(_figures(database)) == {kept.id, retired.id}
    with database.transaction() as session:
        session.merge(retired).is_active = False
    watch.score()
    assert set(_figures(database)) == {kept.id}

"""What is kept of a forecast, and for how long."""

from __future__ import annotations

import datetime as dt

import numpy as np
from sqlalchemy import func, select, text

from siprems_backend.extensions.database import Database
from siprems_backend.models.accuracy import PastForecast
from siprems_backend.services import housekeeping
from siprems_backend.services.accuracy import remember
from siprems_backend.services.accuracy.remember import NewForecast
from tests import factories
from tests.services.accuracy.forecasts import UNTIL, forecast


def _kept(database: Database) -> list[PastForecast]:
    with database.reading() as session:
        return list(session.scalars(select(PastForecast).order_by(PastForecast.product_id)))


def _remember(database: Database, *made: NewForecast) -> None:
    with database.transaction() as session:
        remember.remember(session, made)


def test_the_first_two_weeks_are_kept_with_five_quantiles(database: Database) -> None:
    bread = factories.make_product(database, "B\tR\\D")
    made = forecast(bread, UNTIL, np.linspace(5.0, 32.0, 28).tolist(), engine="auto\t1")
    _remember(database, made)
    [row] = _kept(database)
    assert (row.product_id, row.origin, row.step_days, row.engine) == (bread.id, UNTIL, 1, "auto\t1")
    np.testing.assert_allclose(row.mean, made.mean[:14], rtol=1e-6)
    for name, column in (("q025", 0), ("q100", 1), ("q500", 3), ("q900", 5), ("q975", 6)):
        np.testing.assert_allclose(getattr(row, name), made.quantiles[:14, column], rtol=1e-6)


def test_weeks_are_kept_for_eight_and_short_forecasts_whole(database: Database) -> None:
    products = [factories.make_product(database, f"P{place}") for place in range(2)]
    _remember(
        database,
        forecast(products[0], UNTIL, [3.0] * 12, step_days=7),
        forecast(products[1], UNTIL, [3.0] * 2),
    )
    assert [len(row.mean) for row in _kept(database)] == [8, 2]


def test_of_one_origin_the_last_forecast_counts(database: Database) -> None:
    bread = factories.make_product(database)
    _remember(database, forecast(bread, UNTIL, [1.0]), forecast(bread, UNTIL - dt.timedelta(days=1), [9.0]))
    _remember(database, forecast(bread, UNTIL, [2.0], engine="prophet"))
    assert sorted((row.origin, row.mean[0], row.engine) for row in _kept(database)) == [
        (UNTIL - dt.timedelta(days=1), 9.0, "auto"),
        (UNTIL, 2.0, "prophet"),
    ]


def test_products_deleted_meanwhile_are_passed_over(database: Database) -> None:
    bread, gone = factories.make_product(database), factories.make_product(database, "GONE")
    with database.transaction() as session:
        session.delete(session.merge(gone))
    _remember(database, forecast(gone, UNTIL, [1.0]), forecast(bread, UNTIL, [1.0]))
    assert [row.product_id for row in _kept(database)] == [bread.id]


def test_nothing_is_remembered_of_what_is_rolled_back(database: Database) -> None:
    bread = factories.make_product(database)
    with database.reading() as session:
        remember.remember(session, [forecast(bread, UNTIL, [1.0])])
    assert _kept(database) == []


def test_old_forecasts_are_forgotten(database: Database) -> None:
    bread = factories.make_product(database)
    _remember(database, *(forecast(bread, UNTIL - dt.timedelta(days=back), [1.0]) for back in range(3)))
    age = text("UPDATE past_forecasts SET made_at = now() - interval '61 days' WHERE origin < :day")
    with database.transaction() as session:
        session.execute(age, {"day": UNTIL})
    assert housekeeping.clean_up()["forecasts"] == 2
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PastForecast)) == 1

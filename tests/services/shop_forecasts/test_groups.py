"""Past forecasts of categories, kept with those of their products."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models import group_forecast_queries
from siprems_backend.models.group_forecasts import GroupForecast
from siprems_backend.services.shop_forecasts import making
from siprems_backend.services.shop_forecasts.groups import tables_of
from siprems_backend.services.shop_forecasts.making import forecast_products, forecast_with_neighbours
from siprems_backend.utils import clock
from siprems_engine.forecasting.shop import forecast_shop
from tests.services.shop_forecasts.shops import sells


def _kept(database: Database) -> list[GroupForecast]:
    with database.reading() as session:
        return list(session.scalars(select(GroupForecast).order_by(GroupForecast.place)))


def _shop(database: Database) -> list[int]:
    categories = ("Bread", "Cakes / sweet", "Bread", None)
    return [sells(database, f"P{place}", category=name).id for place, name in enumerate(categories)]


def test_a_run_leaves_the_past_forecasts_of_its_categories(database: Database, models_dir: Path) -> None:
    ids = _shop(database)
    forecast_products(ids)
    rows = _kept(database)
    assert [(row.category, row.products) for row in rows] == [(None, 1), ("Bread", 2), ("Cakes / sweet", 1)]
    with database.reading() as session:
        demand = making.load_demand(session, ids, 28)
    panel = demand.grid.panel(demand.last, 28)
    origins, forecasts, actuals = tables_of(rows[1], 28)
    sold = np.nansum(panel.units[[0, 2]], axis=0)
    for origin, actual in zip(origins, actuals, strict=True):
        place = int(np.flatnonzero(panel.days == origin)[0])
        assert actual.tolist() == sold[place + 1 : place + 29].tolist()
    latest = forecasts[origins.argmax()].sum()
    assert 0.7 < latest / actuals[origins.argmax()].sum() < 1.4
    codes = np.array([0, 1, 0, -1])
    expected = forecast_shop(demand.grid.with_categories(codes).panel(demand.last, 28))
    assert np.allclose(forecasts[0], expected.past[0].forecast[[0, 2]].sum(axis=0), rtol=1e-6)


def test_the_same_run_twice_keeps_one(database: Database, models_dir: Path) -> None:
    ids = _shop(database)
    forecast_products(ids)
    forecast_products(ids)
    rows = _kept(database)
    assert len(rows) == 3
    with database.transaction() as session:
        names = [column.key for column in GroupForecast.__table__.columns]
        again = [{name: getattr(row, name) for name in names} for row in rows]
        group_forecast_queries.store(session, again)
    assert len(_kept(database)) == 3


def test_a_forecast_of_few_products_leaves_the_others_past_alone(
    database: Database, models_dir: Path
) -> None:
    ids = _shop(database)
    forecast_products(ids)
    before = [row.data_hash for row in _kept(database)]
    late = sells(database, "late", category="Bread")
    forecast_with_neighbours([late.id])
    assert [row.data_hash for row in _kept(database)] == before


def test_what_no_forecast_is_from_is_forgotten_in_time(database: Database, models_dir: Path) -> None:
    ids = _shop(database)
    forecast_products(ids[:2])
    forecast_products(ids)
    assert len(_kept(database)) == 5
    day = dt.timedelta(days=1)
    with database.lookup() as connection:
        rows = list(group_forecast_queries.past(connection, 1))
    assert [(row.category, row.products) for row in rows] == [(None, 1), ("Bread", 2), ("Cakes / sweet", 1)]
    with database.transaction() as session:
        assert group_forecast_queries.forget_old(session, clock.now() - day) == 0
        assert group_forecast_queries.forget_old(session, clock.now() + day) == 2
    assert len(_kept(database)) == 3

"""`siprems demo load`, and what it loads."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from siprems_backend.extensions.database import Database
from siprems_backend.services import authentication, stored_forecasts
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories

LOGIN = {"DEMO_EMAIL": "owner@example.com", "DEMO_PASSWORD": "a long demo password 1"}


def load(app: Flask, *options: str, env: dict[str, str | None] | None = None) -> Result:
    return app.test_cli_runner().invoke(
        args=["siprems", "demo", "load", *options],
        env={"DEMO_EMAIL": None, "DEMO_PASSWORD": None, **(env or {})},
    )


def test_the_demo_shop_is_loaded_once(app: Flask, database: Database) -> None:
    first = load(app, "--if-empty", env=LOGIN)
    assert first.exit_code == 0, first.output
    assert "Loaded 40 products" in first.output
    assert LOGIN["DEMO_PASSWORD"] not in first.output
    user, _ = authentication.login(LOGIN["DEMO_EMAIL"], LOGIN["DEMO_PASSWORD"])
    assert user.role == Role.ADMIN
    again = load(app, "--if-empty", env=LOGIN)
    assert (again.exit_code, "not needed" in again.output) == (0, True)
    assert load(app, env=LOGIN).exit_code == 1


NEVER_SOLD = """
SELECT count(*) FROM products p WHERE NOT EXISTS (SELECT FROM daily_sales d WHERE d.product_id = p.id)
"""
STOCK_UNLIKE_LEVEL = """
SELECT count(*) FROM products p
WHERE stock <> (SELECT on_hand FROM stock_levels l WHERE l.product_id = p.id ORDER BY date DESC LIMIT 1)
"""


QUESTIONS: dict[str, object] = {
    "SELECT count(*) FROM products WHERE sku IN ('12 MACARON', 'KAFFEE/250g', 'Crème brûlée')": 3,
    "SELECT max(date) FROM daily_sales": clock.today() - dt.timedelta(days=1),
    NEVER_SOLD: 1,
    STOCK_UNLIKE_LEVEL: 0,
    "SELECT count(*) > 0 FROM transactions WHERE quantity < 0": True,
    "SELECT count(*) > 0 FROM transactions WHERE quantity <> round(quantity)": True,
    "SELECT count(*) > 0 FROM stock_levels WHERE on_hand = 0": True,
    "SELECT count(*) > 0 FROM events WHERE date > now()": True,
    "SELECT count(*) > 0 FROM planned_promotions WHERE date_from > now()": True,
    "SELECT count(*) FROM shop_forecasts": 40,
}


def test_what_is_in_the_shop(app: Flask, database: Database) -> None:
    load(app, env=LOGIN)
    with database.reading() as session:
        found = {question: session.execute(text(question)).scalar_one() for question in QUESTIONS}
    assert found == QUESTIONS
    # Planned promotions are told to the forecaster.
    components = stored_forecasts.components("KAFFEE/250g")
    assert components["promotion_factor"] == pytest.approx(2.8, rel=0.2)


def test_a_password_is_made_up_and_shown_once(app: Flask, database: Database) -> None:
    output = load(app).output
    found = re.search(r"Login: (\S+) / (\S+)", output)
    assert found is not None
    authentication.login(found[1], found[2])


def test_nothing_is_loaded_beside_somebody(app: Flask, database: Database) -> None:
    factories.make_product(database)
    assert "not needed" in load(app, "--if-empty").output
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM users")).scalar_one() == 0


def test_an_unusable_password_loads_nothing(app: Flask, database: Database) -> None:
    assert load(app, env={**LOGIN, "DEMO_PASSWORD": "x"}).exit_code == 1
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM products")).scalar_one() == 0

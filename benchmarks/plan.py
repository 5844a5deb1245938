"""The plan of a large shop: making it, reading a page, sending all of it, and mending it after sales.

    .venv/bin/python -m benchmarks.plan [--products 10000] [--calls 40]

Starts its own database and broker; forecasts are stored as a night leaves them. Calls are made of the web
application in this process, without a network; the plan is made by one process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.servers import running_postgres, running_valkey

HORIZON = 28
SUPPLIERS = 40
AT_A_TIME = 500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=40)
    given = parser.parse_args()
    state = Path(tempfile.mkdtemp())
    with running_postgres(state / "postgres") as postgres, running_valkey(state / "valkey") as valkey:
        os.environ.update(
            SIPREMS_ENV="test",
            DATABASE_URL=postgres.url("siprems"),
            REDIS_URL=valkey.url(0).rsplit("/", 1)[0],
            JWT_SECRET_KEY="a key for measuring, long enough for SHA-256",
            MODELS_DIR=str(state / "models"),
            DATA_DIR=str(state / "data"),
            LOG_LEVEL="ERROR",
            EXECUTION_MODE="celery",
        )
        measure(given.products, given.calls)


def measure(products: int, calls: int) -> None:
    """Print the table for a shop of so many products."""
    from siprems_backend.app import create_app
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.database import database
    from siprems_backend.services import migrations
    from siprems_backend.services.replenishment import refreshing
    from siprems_backend.utils.roles import Role
    from tests import factories

    database.bind(get_settings())
    migrations.upgrade()
    client = factories.signed_in_client(create_app(get_settings()), Role.ADMIN)
    fill(database, products)
    began = time.perf_counter()
    made = refreshing.refresh_all()["lines"]
    print(f"{made:,} lines made in {time.perf_counter() - began:.1f} s", flush=True)

    def get(path: str) -> Callable[[], Any]:
        return lambda: client.get(f"/api/v1/replenishment{path}").data

    print(f"{'call':44}{'p50 ms':>9}{'max ms':>9}")
    report("a page of 100", get("?page_size=100"), calls)
    report("a later page of a category", get("?page_size=100&page=3&category=Category%207"), calls)
    report("search and another order", get("?page_size=100&search=17&sort=-value"), calls)
    report("by supplier", get("/suppliers"), calls)
    report("limited money", get("?page_size=100&capital=20000"), max(3, calls // 10))
    report("all of it as CSV", get("/export"), max(3, calls // 10))
    report("all of it as XLSX", get("/export?format=xlsx"), max(3, calls // 10))
    report("a page of 100 after 20 sales", after_sales(database, get("?page_size=100")), max(3, calls // 4))
    database.dispose()


def report(name: str, call: Callable[[], Any], times: int) -> None:
    """Time a call and print how long it took."""
    call()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    print(f"{name:44}{1000 * statistics.median(seconds):>9.0f}{1000 * max(seconds):>9.0f}", flush=True)


def after_sales(database: Any, call: Callable[[], Any]) -> Callable[[], Any]:
    """The call after stocks have changed: these lines are made anew within it."""
    from sqlalchemy import text

    def sell_and_call() -> Any:
        with database.transaction() as session:
            session.execute(
                text(
                    "UPDATE products SET stock = stock - 0.5, updated_at = now() WHERE id IN "
                    "(SELECT id FROM products WHERE stock > 10 ORDER BY random() LIMIT 20)"
                )
            )
        return call()

    return sell_and_call


def fill(database: Any, products: int) -> None:
    """A shop with suppliers, terms, stock, forecasts and orders on their way."""
    from sqlalchemy import text

    from siprems_backend.models import shop_forecast_queries

    with database.transaction() as session:
        for statement in SHOP:
            session.execute(text(statement), {"products": products, "suppliers": SUPPLIERS})
        ids = list(session.scalars(text("SELECT id FROM products ORDER BY id")))
    random = np.random.default_rng(7)
    for place in range(0, products, AT_A_TIME):
        with database.transaction() as session:
            some = ids[place : place + AT_A_TIME]
            shop_forecast_queries.store(session, [forecast(key, random) for key in some])


def forecast(product_id: int, random: np.random.Generator) -> tuple[Any, ...]:
    """A stored forecast from today on: a level with a weekly pattern, and totals that spread as sums do."""
    from siprems_backend.utils import clock
    from siprems_engine.forecasting.shop.quantiles import LEVELS
    from siprems_engine.inventory import normal

    level = random.lognormal(1.0, 1.2)
    mean = level * np.resize([0.8, 0.85, 0.9, 1.0, 1.2, 1.4, 0.85], HORIZON)
    scores = normal.quantile(np.array(LEVELS))
    spread = np.sqrt(level * 1.5)
    periods = np.arange(1, HORIZON + 1)[:, None]
    totals = np.maximum(np.cumsum(mean)[:, None] + spread * periods**0.6 * scores, 0.0)
    quantiles = np.maximum(mean[:, None] + spread * scores, 0.0)
    start = clock.today()
    values = (quantiles.astype(np.float32), np.maximum.accumulate(totals, axis=0).astype(np.float32))
    made = ({"ses": 1.0}, "ses", "Made to be measured.", None, None, "0" * 64, None)
    return (product_id, start, 1, start, mean, *values, 1e6, *made)


SHOP = (
    """INSERT INTO suppliers (name, lead_time_days, lead_time_sd_days, review_days)
    SELECT 'Supplier ' || n, 1 + n % 14, n % 4, 1 + n % 14 FROM generate_series(1, :suppliers) n""",
    """INSERT INTO products (sku, name, category, price, cost, stock)
    SELECT 'SKU-' || n, 'Product ' || n, 'Category ' || n % 50, 2 + n % 40, 1 + n % 25, n * 7919 % 120
    FROM generate_series(1, :products) n""",
    """INSERT INTO replenishment_parameters (category, supplier_id, service_level)
    SELECT 'Category ' || n, 1 + n % :suppliers, 0.9 + n % 9 / 100.0 FROM generate_series(0, 49) n""",
    """INSERT INTO replenishment_parameters (product_id, pack_size, min_order_quantity, shelf_life_days)
    SELECT id, 1 + id % 12, id % 24, CASE WHEN id % 10 = 0 THEN 14 END FROM products WHERE id % 2 = 0""",
    """INSERT INTO purchase_orders (supplier_id, status, sent_at, expected_date)
    SELECT n, 'sent', now(), CAST(now() AS date) + n % 20 FROM generate_series(1, :suppliers) n""",
    """INSERT INTO purchase_order_lines (order_id, product_id, quantity)
    SELECT 1 + id % :suppliers, id, 5 + id % 60 FROM products WHERE id % 5 = 0""",
    """INSERT INTO daily_sales (product_id, date, quantity, promo, revenue)
    SELECT id, CAST(now() AS date) - 1, 3, false, 0 FROM products""",
    "ANALYZE",
)

if __name__ == "__main__":
    main()

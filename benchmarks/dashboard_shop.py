"""A large shop as its dashboard finds it in the morning: sales, nights of work, a tree of many tasks."""

from __future__ import annotations

import os
import time
from typing import Any

import psutil

from benchmarks.instance import Api
from benchmarks.plan import SHOP, SUPPLIERS
from benchmarks.processes import Instance
from benchmarks.serve_speed import wait

# What was sold since the first of the two nights, so that its forecasts can be held against something.
LATEST_DAYS = 7
WHOLE_TREE = "00000000-0000-4000-8000-0000000000d0"


def bind(instance: Instance) -> Any:
    """This process uses the database of the instance; the connections are returned."""
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.database import database

    web: psutil.Process = instance.programs["web"][0]
    os.environ.update(web.environ())
    get_settings.cache_clear()
    database.bind(get_settings())
    return database


def fill(database: Any, products: int, days: int) -> None:
    """Catalogue, suppliers, terms, orders, and sales until a week ago."""
    execute(database, *SHOP, products=products, suppliers=SUPPLIERS)
    execute(database, "TRUNCATE daily_sales", SALES, first=days, last=LATEST_DAYS + 1)
    execute(database, "ANALYZE")


def sell_on(database: Any) -> None:
    """The sales of the last week."""
    execute(database, SALES, first=LATEST_DAYS, last=1)


def night(api: Api) -> dict[str, Any]:
    """The nightly run, by the workers of the instance; its summary."""
    done = wait(api, api.call("POST", "/tasks/training/all")["task_id"], every=0.5)
    if done["status"] != "SUCCESS":
        raise RuntimeError(f"the nightly run ended as {done['status']}: {done}")
    return dict(done["result"])


def change_a_day(database: Any) -> None:
    """One more sold of everything on the last day, so that nothing is as it was trained."""
    execute(
        database,
        "UPDATE daily_sales SET quantity = quantity + 1 WHERE date = (SELECT max(date) FROM daily_sales)",
    )


def add_tree(database: Any) -> str:
    """A run with 10,000 parts, of which some failed; the address of its page."""
    execute(database, *TREE, id=WHOLE_TREE, parts=10_000)
    return f"tasks/{WHOLE_TREE}"


def execute(database: Any, *statements: str, **values: Any) -> float:
    """Each in a transaction of its own; seconds of all."""
    from sqlalchemy import text

    began = time.perf_counter()
    for statement in statements:
        with database.transaction() as session:
            session.execute(text(statement), values)
    return time.perf_counter() - began


SALES = """
INSERT INTO daily_sales (product_id, date, quantity, promo, revenue)
SELECT p.id, CAST(now() AS date) - back, floor(level * week * (0.4 + 1.2 * random())),
       p.id % 31 = back % 31, 0
FROM (SELECT id, exp(0.5 + id * 7919 % 100 / 35.0) AS level FROM products) p,
     (SELECT back, 1 + 0.3 * sin(back * 0.9) AS week FROM generate_series(:last, :first) back) d
"""
TREE = (
    """INSERT INTO tasks (id, kind, queue, status, result, created_at, started_at, finished_at)
    SELECT CAST(:id AS uuid), 'tasks.ml_tasks.train_all_models', 'training', 'SUCCESS',
           CAST('{"trained": 1}' AS jsonb), now(), now(), now()
    WHERE NOT EXISTS (SELECT FROM tasks WHERE id = CAST(:id AS uuid))""",
    """INSERT INTO tasks (id, kind, queue, parent_id, status, error, created_at, started_at, finished_at)
    SELECT gen_random_uuid(), 'tasks.ml_tasks.train_chunk', 'training', CAST(:id AS uuid),
           CASE WHEN n % 1000 = 999 THEN 'FAILURE' ELSE 'SUCCESS' END,
           CASE WHEN n % 1000 = 999 THEN CAST('{"type": "Invalid", "message": "To be seen."}' AS jsonb) END,
           now() + n * interval '1 ms', now(), now() FROM generate_series(1, :parts) n
    WHERE NOT EXISTS (SELECT FROM tasks WHERE parent_id = CAST(:id AS uuid))""",
    "ANALYZE tasks",
)

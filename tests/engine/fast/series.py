"""The series on which the fast engine is judged against Stan: synthetic ones, and real ones where named."""

from __future__ import annotations

import csv
import datetime
import gzip
import os
from pathlib import Path

import numpy as np

from siprems_engine.forecasting import DailyHistory, Event
from siprems_engine.forecasting.event_weeks import events_of
from siprems_engine.forecasting.step import weekday
from tests.engine import synthetic
from tests.engine.oracle import DATA

Case = tuple[DailyHistory, list[Event]]
# Real products per folder of data; more would only take longer.
PASTA_PRODUCTS = 6
EVERY_NTH_GROCERY = 80


def synthetic_cases() -> dict[str, Case]:
    """Daily series over 365 to 2,200 days and weekly ones: levels, promotions, trends, events or none."""
    cases: dict[str, Case] = {}
    for seed, days in enumerate((365, 500, 730, 900, 1100)):
        events = synthetic.events() if seed % 2 else []
        cases[f"regular {days}"] = (synthetic.daily_history(seed, days), events)
        slope = -1e-3 if seed % 2 else 1e-3
        cases[f"trend {days}"] = (synthetic.daily_history(seed + 10, days, level=100.0, slope=slope), events)
        cases[f"slow {days}"] = (synthetic.daily_history(seed + 20, 2 * days, level=1.2), events)
        cases[f"intermittent {days}"] = (_with_zeros(seed, days), synthetic.events())
    for seed, weeks in enumerate((70, 110, 156, 210, 260)):
        history = synthetic.weekly_history(seed, weeks, level=(8.0, 60.0)[seed % 2])
        cases[f"weekly {weeks}"] = (history, list(events_of(history, synthetic.events())))
    return cases


def _with_zeros(seed: int, days: int) -> DailyHistory:
    """A slow mover with its days without a sale, as a zero-filling caller would give it."""
    return synthetic.intermittent_history(seed, days, chance=0.3).zero_filled()


def real_cases() -> dict[str, Case]:
    """The bakery, some pasta and weekly groceries, where SIPREMS_DATA names their folder; else nothing."""
    folder = Path(os.environ.get("SIPREMS_DATA", DATA))
    bakery, pasta = folder / "kiel_bakery_daily", folder / "italian_pasta_daily" / "sales.csv.gz"
    groceries = folder / "breakfast_frat_weekly"
    cases: dict[str, Case] = {}
    if bakery.exists():
        events = _events(bakery)
        with (bakery / "sales.csv").open() as file:
            cases |= {sku: (history, events) for sku, history in _histories(file).items()}
    if pasta.exists():
        with gzip.open(pasta, "rt") as file:
            products = _histories(file)
        cases |= {sku: (products[sku], []) for sku in list(products)[:PASTA_PRODUCTS]}
    if groceries.exists():
        events = _events(groceries)
        with gzip.open(groceries / "sales.csv.gz", "rt") as file:
            products = _histories(file)
        for sku in list(products)[::EVERY_NTH_GROCERY]:
            history = products[sku].weekly(int(weekday(products[sku].ds[:1])[0]))
            cases[sku] = history, list(events_of(history, events))
    return cases


def _events(folder: Path) -> list[Event]:
    with (folder / "events.csv").open() as file:
        return [Event(r["event_name"], _date(r["event_date"])) for r in csv.DictReader(file)]


def _histories(file: object) -> dict[str, DailyHistory]:
    rows: dict[str, list[tuple[str, float, float]]] = {}
    for row in csv.DictReader(file):  # type: ignore[call-overload]
        sale = (row["date"], float(row["quantity"]), float(row.get("is_promo") or 0))
        rows.setdefault(row["sku"], []).append(sale)
    return {
        sku: DailyHistory.from_rows(*(np.array(c) for c in zip(*sales, strict=True)))
        for sku, sales in rows.items()
    }


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)

"""The series the training benchmarks run on: invented ones of every kind, and those of a sales file."""

from __future__ import annotations

import csv
import datetime
import gzip
from pathlib import Path
from typing import TextIO

import numpy as np

from siprems_engine.forecasting import DailyHistory, Event

END = np.datetime64("2024-06-30")
# Invented series are at least a year long; shorter ones have no bounded optimum.
SHORTEST, LONGEST = 365, 1800


def regular(seed: int, days: int) -> DailyHistory:
    """A product with a weekly and a yearly pattern, a trend, promotions and counting noise."""
    rng = np.random.default_rng(seed)
    ds = END - (days - 1) + np.arange(days)
    mean, promo = _demand(rng, ds, level=rng.uniform(1.5, 5.0), promo_share=0.1)
    y = rng.negative_binomial(20, 20 / (20 + mean)).astype(float)
    return DailyHistory(ds[y > 0], y[y > 0], promo[y > 0])


def varied(seed: int) -> DailyHistory:
    """A product of any level, length, trend, noise and share of promotions, some with days without a sale."""
    rng = np.random.default_rng(10_000 + seed)
    days = int(rng.integers(SHORTEST, LONGEST, endpoint=True))
    ds = END - (days - 1) + np.arange(days)
    level = rng.uniform(-0.5, 7.0)
    mean, promo = _demand(rng, ds, level, promo_share=float(rng.choice([0.0, 0.03, 0.15, 0.5])))
    mean *= np.exp(rng.normal(0.0, 0.5) * (np.arange(days) > rng.uniform(0.2, 0.9) * days))
    dispersion = np.exp(rng.uniform(0.0, 4.0))
    y = rng.negative_binomial(dispersion, dispersion / (dispersion + mean)).astype(float)
    # Some are given as sale rows only, as the recipe takes them, some with their zeros.
    keep = y > 0 if rng.random() < 0.5 else np.ones(days, dtype=bool)
    keep[0] = True
    return DailyHistory(ds[keep], y[keep], promo[keep])


def _demand(
    rng: np.random.Generator, ds: np.ndarray, level: float, promo_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is expected of every day, (n,), and the promotion flags, (n,); `level` is a logarithm."""
    t = np.arange(len(ds))
    weekly = rng.normal(0.0, 0.2, 7)[(ds.astype(np.int64) + 3) % 7]
    yearly = 0.2 * np.sin(2 * np.pi * t / 365.25 + rng.uniform(0, 2 * np.pi))
    promo = (rng.random(len(ds)) < promo_share).astype(float)
    return np.exp(level + rng.normal(0.0, 3e-4) * t + weekly + yearly + 0.4 * promo), promo


def market_days() -> list[Event]:
    """One event a quarter."""
    dates = [datetime.date(year, month, 5) for year in range(2010, 2026) for month in (2, 5, 8, 11)]
    return [Event("Market day", date) for date in dates]


def from_folder(folder: Path) -> tuple[dict[str, DailyHistory], list[Event]]:
    """Read `sales.csv` or `sales.csv.gz`, and `events.csv` if there is one.

    Sales have the columns sku, date, quantity and perhaps is_promo; events have event_name and event_date.
    """
    packed = folder / "sales.csv.gz"
    with gzip.open(packed, "rt") if packed.exists() else (folder / "sales.csv").open() as file:
        histories = _histories(file)
    events = folder / "events.csv"
    if not events.exists():
        return histories, []
    with events.open() as file:
        rows = list(csv.DictReader(file))
    return histories, [Event(r["event_name"], datetime.date.fromisoformat(r["event_date"])) for r in rows]


def _histories(file: TextIO) -> dict[str, DailyHistory]:
    sales: dict[str, list[tuple[str, float, float]]] = {}
    for row in csv.DictReader(file):
        sale = row["date"], float(row["quantity"]), float(row.get("is_promo") or 0)
        sales.setdefault(row["sku"], []).append(sale)
    columns = {sku: zip(*rows, strict=True) for sku, rows in sales.items()}
    return {sku: DailyHistory.from_rows(*map(np.array, parts)) for sku, parts in columns.items()}

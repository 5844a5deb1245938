"""A small shop's files for the tests of evaluations."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np

FIRST = dt.date(2024, 1, 1)
HEADING = ("sku", "date", "quantity")


def write(path: Path, rows: Sequence[Sequence[object]], heading: Sequence[str] = HEADING) -> Path:
    """Write a CSV file and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


def sales(skus: Sequence[str], periods: int = 150, step: int = 1, seed: int = 3) -> list[list[object]]:
    """Rows of SKUs that sell 5, 15, 25... units a period, every `step` days."""
    random = np.random.default_rng(seed)
    return [
        [sku, FIRST + dt.timedelta(days=step * period), int(random.poisson(5 + 10 * number))]
        for number, sku in enumerate(skus)
        for period in range(periods)
    ]

"""The forecasts of all cut-offs as one CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation.shop_files import ShopFiles
from siprems_backend.utils.atomic_file import open_atomically
from siprems_engine.forecasting.shop import LEVELS
from siprems_engine.forecasting.shop.folds import Fold

DECIMALS = 5
TOTAL_LEVEL = 0.9
QUANTILES = [f"q{level:g}" for level in LEVELS]
HEADING = ["sku", "cutoff", "date", "yhat", *QUANTILES, f"total_q{TOTAL_LEVEL:g}"]
# What a field cannot hold without quotes around it.
STRUCTURE = set('",\r\n')


class ForecastFile:
    """Written fold by fold, so that a large shop's forecasts need not be in memory at once."""

    def __init__(self, file: BinaryIO, shop: ShopFiles) -> None:
        self._file = file
        self._shop = shop
        quotes = any(STRUCTURE & set(sku) for sku in shop.skus)
        self._quoting = "needed" if quotes else "none"
        file.write((",".join(HEADING) + "\n").encode())

    def add(self, fold: Fold) -> None:
        """Write a row for each product and period."""
        # As in `Table`.
        import pyarrow as arrow
        from pyarrow import csv

        table = arrow.table(_columns(self._shop, fold))
        options = csv.WriteOptions(include_header=False, quoting_style=self._quoting)
        csv.write_csv(table, self._file, options)


@contextmanager
def forecast_file(path: Path, shop: ShopFiles) -> Iterator[ForecastFile]:
    """Begin a file that is there, complete, only after all went well; raises `Invalid` if it cannot be."""
    try:
        with open_atomically(path) as file:
            yield ForecastFile(file, shop)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror or error}.") from error


def _columns(shop: ShopFiles, fold: Fold) -> dict[str, Any]:
    skus = np.array(shop.skus, dtype=object)[fold.products]
    periods = len(fold.periods)
    columns: dict[str, Any] = {
        "sku": np.repeat(skus, periods).astype(str).tolist(),
        "cutoff": np.full(len(skus) * periods, shop.grid.days[fold.last]),
        "date": np.tile(shop.grid.days[fold.periods], len(skus)),
        "yhat": fold.made.mean.ravel().round(DECIMALS),
    }
    for place, name in enumerate(QUANTILES):
        columns[name] = fold.made.quantiles[:, :, place].ravel().round(DECIMALS)
    total = fold.made.totals[:, LEVELS.index(TOTAL_LEVEL)]
    columns[HEADING[-1]] = np.repeat(total, periods).round(DECIMALS)
    return columns

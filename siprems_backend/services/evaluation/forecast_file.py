"""The forecasts of all cut-offs as one CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation.shop_files import ShopFiles
from siprems_engine.forecasting.shop import LEVELS
from siprems_engine.forecasting.shop.folds import Fold

DECIMALS = 5
TOTAL_LEVEL = 0.9


class ForecastFile:
    """Written fold by fold, so that a large shop's forecasts need not be in memory at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> ForecastFile:
        """Begin with an empty file, so that a place that cannot be written shows before the work."""
        try:
            self._path.write_bytes(b"")
        except OSError as error:
            raise Invalid(f"{self._path} cannot be written: {error.strerror}.") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def add(self, shop: ShopFiles, fold: Fold) -> None:
        """Write a row for each product and period."""
        # As in `Table`.
        import pyarrow as arrow
        from pyarrow import csv

        table = arrow.table(_columns(shop, fold))
        if self._writer is None:
            options = csv.WriteOptions(quoting_style="needed")
            self._writer = csv.CSVWriter(str(self._path), table.schema, write_options=options)
        self._writer.write_table(table)


def _columns(shop: ShopFiles, fold: Fold) -> dict[str, Any]:
    days = np.datetime_as_string(shop.grid.days)
    skus = np.array(shop.skus, dtype=object)[fold.products]
    periods = len(fold.periods)
    columns: dict[str, Any] = {
        "sku": np.repeat(skus, periods).tolist(),
        "cutoff": [str(days[fold.last])] * (len(skus) * periods),
        "date": np.tile(days[fold.periods], len(skus)).tolist(),
        "yhat": fold.made.mean.ravel().round(DECIMALS),
    }
    for place, level in enumerate(LEVELS):
        columns[f"q{level:g}"] = fold.made.quantiles[:, :, place].ravel().round(DECIMALS)
    total = fold.made.totals[:, LEVELS.index(TOTAL_LEVEL)]
    columns[f"total_q{TOTAL_LEVEL:g}"] = np.repeat(total, periods).round(DECIMALS)
    return columns

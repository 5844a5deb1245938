"""Rows for pipelines: datasets of the caller, the shop's own sales, and its forecasts. Workers only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siprems_backend.services.datasets import files
from siprems_backend.services.pipelines.known_columns import KnownColumns
from siprems_backend.services.pipelines.shop_tables import forecast_frame, sales_frame
from siprems_engine.pipelines import SourceError

if TYPE_CHECKING:
    from pandas import DataFrame


class ShopSources(KnownColumns):
    """Sources that a caller may read."""

    def frame(self, node_type: str, parameters: Mapping[str, Any]) -> DataFrame:  # type: ignore[override]
        """The rows.

        Raises:
            SourceError: there are none by these parameters.
        """
        if node_type == "sales_history":
            return sales_frame(
                skus=parameters.get("skus"),
                category=parameters.get("category"),
                first=_day(parameters, "from"),
                last=_day(parameters, "to"),
            )
        if node_type == "forecast":
            return forecast_frame(
                skus=parameters.get("skus"), category=parameters.get("category"), days=parameters["days"]
            )
        return read_rows(files.rows_path(self.dataset(parameters).id))


def _day(parameters: Mapping[str, Any], name: str) -> dt.date | None:
    return dt.date.fromisoformat(parameters[name]) if name in parameters else None


def read_rows(path: Path) -> DataFrame:
    """The rows of a dataset; dates as moments, for pandas knows no other dates."""
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except FileNotFoundError:
        raise SourceError("The rows of the dataset are gone; upload the file again.", "dataset_id") from None
    frame: DataFrame = table.to_pandas(date_as_object=False, self_destruct=True, split_blocks=True)
    return frame

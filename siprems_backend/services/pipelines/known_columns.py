"""Sources as far as they are known without pandas: which columns, how many rows, whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn
from uuid import UUID

from siprems_backend.errors import ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries
from siprems_backend.models.datasets import Dataset
from siprems_backend.services import datasets
from siprems_backend.services.datasets.records import require_ready
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import shop_columns
from siprems_engine.pipelines import SourceError


class KnownColumns:
    """Sources that a caller may read, for checks; `rows` are those of all datasets asked for so far."""

    def __init__(self, caller: Principal) -> None:
        self._caller = caller
        self.rows = 0

    def columns(self, node_type: str, parameters: Mapping[str, Any]) -> Sequence[str]:
        """Names of the columns.

        Raises:
            SourceError: there is no such dataset, category or product, or it is not the caller's.
        """
        if node_type in shop_columns.BY_NODE:
            _require_known(parameters)
            return shop_columns.BY_NODE[node_type]
        record = self.dataset(parameters)
        self.rows += record.rows or 0
        return [column["name"] for column in record.columns or []]

    def dataset(self, parameters: Mapping[str, Any]) -> Dataset:
        """The dataset that the parameters name, ready to be read; raises `SourceError` as above."""
        name = parameters["dataset_id"]
        try:
            return require_ready(datasets.get(UUID(name), self._caller))
        except ValueError:
            raise SourceError(
                f"{name!r} is no id of a dataset: upload the file with POST /datasets first.", "dataset_id"
            ) from None
        except ServiceError as error:
            raise SourceError(error.message, "dataset_id") from None

    def frame(self, node_type: str, parameters: Mapping[str, Any]) -> NoReturn:
        """Rows are read by workers only."""
        raise NotImplementedError


def _require_known(parameters: Mapping[str, Any]) -> None:
    days = [_day(parameters, name) for name in ("from", "to")]
    if None not in days and days[0] > days[1]:  # type: ignore[operator]  # Neither is None.
        raise SourceError("The last day is before the first.", "to")
    skus = parameters.get("skus", [])
    with database.reading() as session:
        known = history_queries.known_skus(session, skus) if skus else set()
    if unknown := [sku for sku in skus if sku not in known]:
        raise SourceError(f"There is no product {unknown[0]!r}.", "skus")


def _day(parameters: Mapping[str, Any], name: str) -> date | None:
    if name not in parameters:
        return None
    try:
        return date.fromisoformat(parameters[name])
    except ValueError:
        raise SourceError(f"{parameters[name]!r} is no date such as 2026-01-31.", name) from None

"""Which products a batch is about: those named, or those a filter finds when it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries

MOST_IN_BATCH = 2000


def chosen(skus: Sequence[str] | None, wanted: Mapping[str, Any] | None) -> list[str]:
    """SKUs as named, each once, or of the active products of a `category` whose SKU or name has `search`.

    Raises:
        Invalid: none are left, or more than one task should carry.
    """
    names = list(dict.fromkeys(skus)) if skus else _matching(wanted or {})
    if not names:
        raise Invalid("No product matches; name SKUs or widen the filter.", code="no_products")
    if len(names) > MOST_IN_BATCH:
        raise Invalid(f"{len(names)} products are too many for one batch; at most {MOST_IN_BATCH}.")
    return names


def _matching(wanted: Mapping[str, Any]) -> list[str]:
    with database.reading() as session:
        return list(history_queries.matching_skus(session, wanted.get("category"), wanted.get("search")))

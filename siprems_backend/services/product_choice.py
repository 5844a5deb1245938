"""Which products a batch is about: those named, or those a filter finds when it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries
from siprems_backend.models.products import CLASSES

MOST_IN_BATCH = 2000


def chosen(skus: Sequence[str] | None, wanted: Mapping[str, Any] | None) -> list[str]:
    """SKUs as named, each once, or of the active products that a filter finds.

    It has any of `category`, `search` (part of a SKU or name), `demand_class`, `abc` and `xyz`.

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
        found = history_queries.matching_skus(
            session, wanted.get("category"), wanted.get("search"), of_classes(wanted)
        )
        return list(found)


def of_classes(wanted: Mapping[str, Any]) -> dict[str, str]:
    """The part of a filter that is about classes of products."""
    return {name: wanted[name] for name in CLASSES if name in wanted}

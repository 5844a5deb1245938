"""What is known of a product's days to come, put together once for all parts of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from siprems_backend.services import catalogue, prediction, prediction_answers, promotions
from siprems_backend.services.prediction import ModelMissing
from siprems_backend.utils.pagination import PageRequest

DAYS_AHEAD = 28
DAYS_BACK = 120
MOST_PLANS = 200


@dataclass(frozen=True)
class Outlook:
    """A product, its forecast in the words of the API, and the days on which promotions are planned.

    `made` is None where nothing can be forecast yet.
    """

    product: Any
    made: dict[str, Any] | None
    promotions: Sequence[Any] = field(default=())

    @property
    def past(self) -> list[dict[str, Any]]:
        """Points that are over."""
        return [point for point in self._points if point["predicted"] is None]

    @property
    def ahead(self) -> list[dict[str, Any]]:
        """Points to come."""
        return [point for point in self._points if point["predicted"] is not None]

    @property
    def _points(self) -> list[dict[str, Any]]:
        return self.made["chartData"] if self.made else []

    def promoted_on(self, day: str) -> str | None:
        """The promotion planned on this day (ISO)."""
        for plan in self.promotions:
            if plan.date_from.isoformat() <= day <= plan.date_to.isoformat():
                return str(plan.name)
        return None


def load(sku: str, days: int = DAYS_AHEAD, back: int = DAYS_BACK) -> Outlook:
    """All of it.

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything, nor is there anything else to forecast it from.
    """
    product = catalogue.get(sku)
    try:
        found = prediction.predict(product.sku, days, history_days=back)
    except ModelMissing:
        return Outlook(product, None)
    made = prediction_answers.answer(found, quantiles=True)
    return Outlook(product, made, _plans(product, made["chartData"]))


def _plans(product: Any, points: Sequence[dict[str, Any]]) -> list[Any]:
    """Plans of the product and of its category that touch the days shown."""
    if not points:
        return []
    span: dict[str, Any] = {
        "date_from": dt.date.fromisoformat(points[0]["date"]),
        "date_to": dt.date.fromisoformat(points[-1]["date"]),
    }
    request = PageRequest(1, MOST_PLANS)
    own = promotions.list_promotions(request, sku=product.sku, **span).items
    if product.category is None:
        return list(own)
    of_category = promotions.list_promotions(request, category=product.category, **span).items
    return [*own, *of_category]

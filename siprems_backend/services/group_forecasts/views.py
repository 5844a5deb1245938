"""What clients are told of the forecasts of categories and of the shop."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.models.group_forecast_queries import WHOLE_SHOP, Group
from siprems_backend.services.group_forecasts.past import Past, figures
from siprems_backend.services.group_forecasts.sums import Sum, sums
from siprems_backend.services.shop_forecasts.serving import named
from siprems_backend.utils.single_line import single_line

BOTTOM_UP = "bottom-up"
LONGEST_NAME = 200
DIGITS = 4


def of_shop() -> dict[str, Any]:
    """The forecast of all products together, and what its categories contribute.

    Raises:
        NotFound: no product is sold, or no forecast is stored yet.
    """
    found, per_category = sums(WHOLE_SHOP)
    total = float(found.mean.sum())
    return {
        **_answer(found, None, everything=True),
        "categories": [
            {
                "category": name,
                "products": each.counted,
                "predicted": round(float(each.mean.sum()), DIGITS),
                "share": round(float(each.mean.sum()) / total, DIGITS) if total > 0 else None,
            }
            for name, each in sorted(
                per_category.items(), key=lambda item: (item[0] is None, -float(item[1].mean.sum()))
            )
        ],
    }


def of_category(name: str) -> dict[str, Any]:
    """The forecast of the products of a category together.

    Raises:
        Invalid: no category can have this name.
        NotFound: no product of it is sold, or no forecast is stored yet.
    """
    try:
        cleaned = single_line(name, LONGEST_NAME)
    except ValueError as error:
        raise Invalid(f"Not a category: {error}", code="invalid_category") from None
    return _of_group(cleaned)


def of_uncategorised() -> dict[str, Any]:
    """The forecast of the products without a category together; raises as `of_category` does."""
    return _of_group(None)


def _of_group(category: str | None) -> dict[str, Any]:
    found, _ = sums(Group(everything=False, category=category))
    return {"category": category, **_answer(found, category, everything=False)}


def _answer(found: Sum, category: str | None, *, everything: bool) -> dict[str, Any]:
    """The forecast in the words of the API."""
    past = Past.load(found.step, len(found.mean))
    spread, row = past.of_shop() if everything else past.of_category(category)
    mean = np.zeros(spread.shape)
    mean[row] = found.mean
    quantiles = spread.by_period(mean)[row]
    is_open = found.mean > 0
    quantiles[~is_open] = 0.0
    totals = spread.of_sums(mean, is_open)[row, -1]
    return {
        "method": BOTTOM_UP,
        "step": found.step.value,
        "products": found.counted,
        "products_without_forecast": found.left_out,
        "created_at": found.made_at,
        "backtest": figures(spread, row),
        "total": {"predicted": round(float(found.mean.sum()), DIGITS), "quantiles": named(totals)},
        "forecast": [
            {
                "date": str(found.start + dt.timedelta(days=place * found.step.days)),
                "predicted": round(units, DIGITS),
                "lower": round(min(float(levels[0]), units), DIGITS),
                "upper": round(max(float(levels[-1]), units), DIGITS),
                "quantiles": named(levels),
            }
            for place, (units, levels) in enumerate(zip(found.mean.tolist(), quantiles, strict=True))
        ],
    }

"""What to order of one product, beside its prediction: the line of the plan, in the words of the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from siprems_backend.extensions.database import database
from siprems_backend.models.outlook_queries import OutlookRow
from siprems_backend.models.plan_inputs import ForecastText
from siprems_backend.models.plan_lines import URGENCIES
from siprems_backend.services.replenishment import inputs, making, refreshing
from siprems_backend.utils import clock
from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory import normal

# Columns of a line by what clients call them.
WORDS = {
    "onOrder": "on_order",
    "onOrderInTime": "on_order_in_time",
    "onDraft": "on_draft",
    "predictedDemand": "predicted_demand",
    "recommendedRestock": "recommended",
    "reorderPoint": "reorder_point",
    "safetyStock": "safety_stock",
    "orderUpTo": "order_up_to",
    "daysOfCover": "days_of_cover",
    "stockoutDate": "stockout_date",
    "orderBy": "order_by",
    "arrivesOn": "arrives_on",
    "lastsUntil": "lasts_until",
    "serviceLevel": "service_level",
    "serviceNow": "service_now",
    "serviceWith": "service_with",
    "expectedCost": "expected_cost",
    "expectedProfit": "expected_profit",
    "value": "value",
    "packSize": "pack_size",
    "policy": "policy",
    "limitedBy": "limited_by",
    "reason": "reason",
    "reasonKey": "reason_key",
    "reasonValues": "reason_values",
}
# The bounds of forecasts are those of 95 of 100 cases.
BOUNDS_SCORE = 1.959964


def recommend(product: OutlookRow, made: Forecast, *, by_shop: bool) -> dict[str, Any]:
    """The plan's line of a product; made of this forecast where the shop's forecast does not know it."""
    row = refreshing.line_of(product.id) if by_shop else None
    if row is None:
        row = _line_by(product.id, made)
    return {
        "productId": product.id,
        "sku": product.sku,
        "productName": product.name,
        "currentStock": product.stock,
        "urgency": URGENCIES[row["urgency"]],
        **{word: _plain(row[column]) for word, column in WORDS.items()},
    }


def _line_by(product_id: int, made: Forecast) -> Mapping[str, Any]:
    with database.reading() as session:
        day, (facts,) = inputs.read(session, [product_id], sold_only=False)
    (row,) = making.rows(day, [facts.with_forecast(_as_text(product_id, made))])
    return {**row, "reason_values": orjson.loads(row["reason_values"])}


def _as_text(product_id: int, made: Forecast) -> ForecastText:
    """A forecast as those of the shop are stored; its periods err as if independently of each other."""
    deviation = np.maximum(made.upper - made.lower, 0.0) / (2 * BOUNDS_SCORE)
    mean = np.maximum(made.yhat, 0.0)
    apart = np.sqrt(np.cumsum(np.square(deviation)))[:, None] * normal.quantile(np.array(LEVELS))
    totals = np.maximum.accumulate(np.maximum(np.cumsum(mean)[:, None] + apart, 0.0), axis=0)
    first: dt.date = made.ds[0].astype("datetime64[D]").astype(object)
    return ForecastText(
        product_id, first, made.step.days, clock.now(), len(mean), _joined(mean), _joined(totals)
    )


def _joined(values: Floats) -> str:
    return " ".join(map(repr, values.ravel().tolist()))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value

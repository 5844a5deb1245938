"""What to order, in the simple form that existing clients know."""

from __future__ import annotations

from typing import Any

from siprems_backend.models.outlook_queries import OutlookRow


def recommend(
    product: OutlookRow, predicted_demand: float, quantiles: dict[str, float] | None = None
) -> dict[str, Any]:
    """Order what the forecast period needs beyond the stock at hand.

    `predicted_demand` is the sum of the forecast in units, `quantiles` are those of that sum by their levels.
    Urgency is high when the gap is larger than the current stock, medium when there is a gap, low otherwise.
    """
    gap = max(0.0, predicted_demand - product.stock)
    urgency = "low" if gap == 0 else "high" if gap > product.stock else "medium"
    return {
        "productId": product.id,
        "sku": product.sku,
        "productName": product.name,
        "currentStock": product.stock,
        "predictedDemand": round(predicted_demand, 2),
        "recommendedRestock": round(gap, 2),
        "urgency": urgency,
        "demandQuantiles": quantiles,
    }

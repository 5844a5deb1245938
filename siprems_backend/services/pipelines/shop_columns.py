"""Names of the columns that the shop's own sources have, known without reading a row."""

from __future__ import annotations

SALES_HISTORY = ("date", "sku", "category", "quantity", "promo", "price", "revenue")
FORECAST = ("date", "sku", "category", "predicted", "lower", "upper")
BY_NODE = {"sales_history": SALES_HISTORY, "forecast": FORECAST}

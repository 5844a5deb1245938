"""Pipelines to begin with, on the shop's own sales: the worked examples of docs/pipelines.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from siprems_backend.services.pipelines import examples

Nodes = list[dict[str, Any]]
BY_TIME = {"target": "quantity", "method": "time", "time_column": "date", "test_size": 0.2}
SERIES = {"columns": ["quantity"], "group_by": ["sku"], "order_by": "date"}


def demand_class() -> Nodes:
    """How many pieces of a slow mover will be sold tomorrow, as a class."""
    return [
        _node("sales_history", **examples.slow_movers()),
        _node("lags", **SERIES, lags=[1, 7]),
        _node("rolling", **SERIES, windows=[7, 28], statistics=["mean", "max"]),
        _node("missing_values", strategy="drop", columns=["quantity_mean_28", "quantity_lag_7"]),
        _node("calendar", column="date", parts=["weekday"]),
        _node("columns", drop=["sku", "category", "price", "revenue"]),
        _node("split", **BY_TIME),
        _node("random_forest", task="classification", n_estimators=50, max_depth=6),
        _node("confusion_matrix"),
        _node("predictions"),
        _node("export", name="demand-class"),
    ]


def price_sensitivity() -> Nodes:
    """The logarithm of what sells against that of the price: the coefficient is about the elasticity."""
    return [
        _node("sales_history", **examples.changing_price()),
        _node("columns", keep=["date", "quantity", "price", "promo"]),
        _node("missing_values", strategy="drop", columns=["price"]),
        _node("calendar", column="date", parts=["weekday"]),
        _node("encoding", method="one_hot", columns=["date_weekday"], drop_first=True),
        _node("transform", method="log", columns=["quantity", "price"], offset=1),
        _node("split", **BY_TIME),
        _node("linear_regression"),
        _node("residuals"),
    ]


def promotion_uplift() -> Nodes:
    """What a promotion adds, over all products of a category."""
    return [
        _node("sales_history", **examples.promoted_category()),
        _node("columns", keep=["date", "sku", "quantity", "promo"]),
        _node("calendar", column="date", parts=["weekday", "month"]),
        _node("encoding", method="target", columns=["sku"]),
        _node("split", **BY_TIME),
        _node("gradient_boosting", n_estimators=150),
        _node("permutation_importance"),
    ]


TEMPLATES: dict[str, Callable[[], Nodes]] = {
    "demand_class": demand_class,
    "price_sensitivity": price_sensitivity,
    "promotion_uplift": promotion_uplift,
}
PICTURES = {"demand_class": "box", "price_sensitivity": "chart", "promotion_uplift": "tag"}


def _node(node_type: str, **parameters: Any) -> dict[str, Any]:
    return {"node_type": node_type, "input": parameters}

"""How good forecasts are, for monitoring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client.core import Metric
from sqlalchemy.orm import Session

from siprems_backend.models import accuracy_queries
from siprems_backend.services.metric_families import gauge, gauges


def look(session: Session) -> Any:
    """Figures of the last watch over all products: a row of `accuracy_queries.totals`."""
    [total] = accuracy_queries.totals(session, {})
    return total


def families(total: Any) -> Iterable[Metric]:
    """The figures as metrics; without samples while nothing could be compared."""
    yield gauge("siprems_forecast_wape", "Units missed by forecasts, in parts of what was sold.", total.wape)
    yield gauge(
        "siprems_forecast_bias",
        "Units forecast too many, in parts of what was sold; below 0 too few.",
        total.bias,
    )
    held = {"80": total.coverage80, "95": total.coverage95}
    yield gauges(
        "siprems_forecast_coverage",
        "Share of days (or weeks) that were within their interval.",
        "interval",
        {name: share for name, share in held.items() if share is not None},
    )
    yield gauges(
        "siprems_forecast_products",
        "Products whose forecasts are watched, and those of them that are biased or drift.",
        "verdict",
        {"watched": total.products, "biased": total.biased, "drifted": total.drifted},
    )

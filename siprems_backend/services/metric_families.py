"""Figures on their way to monitoring."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.core import GaugeMetricFamily


def gauge(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    """One figure; without a sample when it is not known."""
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric((), value)
    return family


def gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """One figure for each value of a label."""
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for value, figure in values.items():
        family.add_metric((value,), figure)
    return family

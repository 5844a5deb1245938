"""Reading what was counted."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from siprems_backend.extensions.metrics import REGISTRY

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def counted(name: str, **labels: str) -> float:
    """What an instrument of this process shows for these labels; 0 when it never moved."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def parse(text: str) -> Samples:
    """The samples of an exposition."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    """One of them; None when it is missing."""
    return samples.get((name, frozenset(labels.items())))

"""A single node as a pipeline: a source, a split where the node learns, and the node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pipeline_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The pipeline that runs `{"node_type", "input", "source" or "dataset_id", "split"}`.

    A source is run by itself: it needs nothing before it.
    """
    node = {"node_type": body["node_type"], "input": dict(body.get("input", {}))}
    before: list[dict[str, Any]] = []
    if "dataset_id" in body:
        before.append({"node_type": "dataset", "input": {"dataset_id": body["dataset_id"]}})
    elif "source" in body:
        before.append(dict(body["source"]))
    if "split" in body:
        before.append({"node_type": "split", "input": dict(body["split"])})
    return {"pipeline_name": body["node_type"], "pipeline": [*before, node]}

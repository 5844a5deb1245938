"""Pipelines that tests save."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from siprems_backend.services.workflows.definitions import Definition

NOWHERE = "00000000-0000-4000-8000-000000000000"


LINEAR = {"node_type": "linear_regression", "input": {}}


def houses(
    dataset_id: UUID | str = NOWHERE, column: str = "area", model: dict[str, Any] = LINEAR, **split: Any
) -> list[dict[str, Any]]:
    """A list that learns a price; it needs the `column`."""
    return [
        {"node_type": "upload_file", "input": {"dataset_id": str(dataset_id)}},
        {"node_type": "missing_values", "input": {"strategy": "median", "columns": [column]}},
        {"node_type": "encoding", "input": {"method": "one_hot", "columns": ["city"]}},
        {"node_type": "split", "input": {"target": "price", "random_state": 1, **split}},
        dict(model),
    ]


def joined() -> list[dict[str, Any]]:
    """A graph of two sources."""
    return [
        {"id": "left", "node_type": "dataset", "input": {"dataset_id": NOWHERE}},
        {"id": "right", "node_type": "dataset", "input": {"dataset_id": NOWHERE}},
        {"id": "both", "node_type": "join", "inputs": ["left", "right"], "input": {"on": ["city"]}},
        {"id": "last", "node_type": "profile", "inputs": ["both"]},
    ]


def parameter(*sets: tuple[str, str], required: bool = False) -> dict[str, Any]:
    """A declared parameter, as the route hands it on."""
    targets = [{"node": node, "input": name} for node, name in sets]
    return {"sets": targets, "required": required, "description": ""}


def values(name: str = "Houses", **more: Any) -> dict[str, Any]:
    """A workflow, as the route hands it on."""
    return {"name": name, "description": "", "pipeline": houses(), "parameters": {}, **more}


def definition(pipeline: list[dict[str, Any]] | None = None, **parameters: Any) -> Definition:
    """What a workflow does."""
    return Definition(houses() if pipeline is None else pipeline, parameters)

"""A single node as a pipeline: a source, a split where the node learns, and the node."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from siprems_backend.errors import ServiceError

Error = TypeVar("Error", bound=ServiceError)
PLACE = re.compile(r"pipeline\.(\d+)\.?(.*)")


def pipeline_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The pipeline that runs `{"node_type", "input", "source" or "dataset_id", "split"}`.

    A source is run by itself: it needs nothing before it.
    """
    nodes = [node for _, node in _parts(body)]
    return {"pipeline_name": str(body["node_type"]), "pipeline": nodes}


def as_fields_of_node(error: Error, body: Mapping[str, Any]) -> Error:
    """The error of that pipeline with its fields named as in the body of the node."""
    names = [name for name, _ in _parts(body)]
    error.fields = {_renamed(path, names): said for path, said in error.fields.items()}
    return error


def _parts(body: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The nodes, each with what its fields are called in the body."""
    parts: list[tuple[str, dict[str, Any]]] = []
    if "dataset_id" in body:
        parts.append(("", {"node_type": "dataset", "input": {"dataset_id": body["dataset_id"]}}))
    elif "source" in body:
        parts.append(("source", dict(body["source"])))
    if "split" in body:
        parts.append(("split", {"node_type": "split", "input": dict(body["split"])}))
    return [*parts, ("", {"node_type": body["node_type"], "input": dict(body.get("input", {}))})]


def _renamed(path: str, names: list[str]) -> str:
    """The path in the body of the node, such as `dataset_id`, `split.target` or `input.columns`."""
    found = PLACE.fullmatch(path)
    if found is None:
        return path
    place, field = int(found[1]), found[2]
    is_node = place == len(names) - 1
    if not is_node and names[place] != "source":
        field = field.removeprefix("input").removeprefix(".") or ("" if names[place] else "dataset_id")
    return ".".join(filter(None, [names[place], field]))

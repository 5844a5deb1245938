"""The pipeline that somebody builds, as the browser keeps it: read with care, for it comes from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

DRAFT, OPENED, PRESS = "pipeline-draft", "pipeline-opened", "pipeline"
Node = dict[str, Any]


def nodes_of(draft: Any) -> list[Node]:
    """The nodes with their keys; what is no node is left out."""
    found = draft.get("nodes") if isinstance(draft, dict) else None
    return [node for node in found or [] if _is_node(node)] if isinstance(found, list | None) else []


def _is_node(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("key"), str)
        and isinstance(node.get("node_type"), str)
        and isinstance(node.get("input"), dict)
        and isinstance(node.get("inputs", []), list)
    )


def name_of(draft: Any) -> str:
    """The pipeline's name."""
    name = draft.get("name") if isinstance(draft, dict) else None
    return name.strip() if isinstance(name, str) else ""


def selected_of(draft: Any) -> int | None:
    """The place of the node whose form is shown."""
    nodes = nodes_of(draft)
    chosen = draft.get("selected") if isinstance(draft, dict) else None
    return next((place for place, node in enumerate(nodes) if node["key"] == chosen), None)


def workflow_of(draft: Any) -> Mapping[str, Any] | None:
    """The workflow that it was opened from: `{id, version}`."""
    found = draft.get("workflow") if isinstance(draft, dict) else None
    return found if isinstance(found, dict) and {"id", "version"} <= set(found) else None


def pipeline_of(draft: Any) -> list[Node]:
    """The nodes as the services take them."""
    return [
        {name: node[name] for name in ("node_type", "input", "id", "inputs") if name in node}
        for node in nodes_of(draft)
    ]


def body_of(draft: Any) -> dict[str, Any]:
    """The body of a run."""
    return {"pipeline_name": name_of(draft)[:200], "pipeline": pipeline_of(draft)}


def opened(
    name: str, pipeline: Sequence[Mapping[str, Any]], workflow: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The draft that begins with these nodes; the first of them is looked at."""
    nodes = [{"input": {}, **node, "key": uuid4().hex[:12]} for node in pipeline]
    return {
        "name": name,
        "nodes": nodes,
        "selected": nodes[0]["key"] if nodes else None,
        "workflow": dict(workflow) if workflow else None,
    }

"""Finding the nodes that are meant by a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siprems_engine.pipelines.node import Node
from siprems_engine.pipelines.reading import node_id
from siprems_engine.pipelines.registry import registry

MOST_LISTED = 20


class Targets:
    """The nodes of a list that has been checked, by what they are called."""

    def __init__(self, pipeline: Sequence[Mapping[str, Any]]) -> None:
        self._ids = [node_id(place, spec) for place, spec in enumerate(pipeline)]
        self._types = [str(spec["node_type"]) for spec in pipeline]

    def with_id(self, name: str) -> Sequence[int]:
        """The place of the node with this id; an id that is not given is `node_1`, `node_2` and so on."""
        return [place for place, own in enumerate(self._ids) if own == name]

    def named(self, name: str) -> Sequence[int]:
        """The places of the node with this id, else of all of this type."""
        return self.with_id(name) or [place for place, own in enumerate(self._types) if own == name]

    def sources_taking(self, name: str) -> Sequence[int]:
        """The places of the sources that have an input of this name, such as `dataset_id`."""
        return [
            place
            for place in range(len(self._types))
            if (node := self._node(place)) is not None and not node.inputs and name in node.properties
        ]

    def problem_of(self, node: str, name: str) -> str | None:
        """Why this input of these nodes cannot be set; None if it can."""
        places = self.named(node)
        if not places:
            return f"There is no node {node!r}; {self.listed()}"
        for place in places:
            known = (found := self._node(place)) and found.properties
            if not known or name not in known:
                takes = ", ".join(known or ["nothing"])
                return f"A node {self._types[place]} takes no {name!r}; it takes {takes}."
        return None

    def listed(self) -> str:
        """The nodes in words."""
        names = [f"{own} ({kind})" for own, kind in zip(self._ids, self._types, strict=True)]
        more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
        return f"the nodes are {', '.join(names[:MOST_LISTED])}{more}."

    def _node(self, place: int) -> Node | None:
        """The kind of node, if this version has it."""
        return registry().get(self._types[place])

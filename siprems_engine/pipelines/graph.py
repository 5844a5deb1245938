"""A pipeline that has been checked and can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siprems_engine.pipelines.column_flow import missing_columns
from siprems_engine.pipelines.errors import InvalidPipeline
from siprems_engine.pipelines.leakage import Lineage, leaks
from siprems_engine.pipelines.node import Parameters, Sources
from siprems_engine.pipelines.reading import Placed, read
from siprems_engine.pipelines.wiring import Wires, order, wire


@dataclass(frozen=True, eq=False)
class Plan:
    """Nodes as listed, the places of their inputs, and the order of work."""

    name: str
    nodes: tuple[Placed, ...]
    wires: Wires
    order: tuple[int, ...]
    lineage: Lineage

    def split_of(self, place: int) -> Parameters | None:
        """Return the parameters of the split that decides what a node may learn from."""
        split = self.lineage.split_of(place)
        return None if split is None else self.nodes[split].parameters

    def takers(self, place: int) -> list[int]:
        """Return the nodes that take a node's table."""
        return [taker for taker, sources in enumerate(self.wires) if place in sources]


def check(body: Mapping[str, Any], sources: Sources) -> Plan:
    """Check a body `{"pipeline": [...], "pipeline_name": ...}` and return what can be run.

    Nothing runs, and neither pandas nor scikit-learn is loaded. Raises `InvalidPipeline` naming each node at
    fault: unknown nodes and bad parameters; then inputs that do not fit and cycles; then leakage, and columns
    that are missing as far as the sources know their own.
    """
    nodes = tuple(read(body))
    wires = wire(nodes)
    lineage = Lineage.of(nodes, wires)
    problems = [*leaks(lineage), *missing_columns(nodes, wires, sources)]
    if problems:
        raise InvalidPipeline(sorted(problems, key=lambda problem: problem.index))
    return Plan(str(body.get("pipeline_name", "")), nodes, wires, tuple(order(wires)), lineage)

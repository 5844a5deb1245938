"""Which split each node belongs to, and whether any node would learn from test rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siprems_engine.pipelines.errors import Problem
from siprems_engine.pipelines.reading import Placed
from siprems_engine.pipelines.wiring import Wires, ancestors

SPLIT = "split"
JOIN = "join"


@dataclass(frozen=True)
class Lineage:
    """The places before and after each node."""

    nodes: Sequence[Placed]
    before: list[frozenset[int]]

    @classmethod
    def of(cls, nodes: Sequence[Placed], wires: Wires) -> Lineage:
        """Trace who comes before whom."""
        return cls(nodes, ancestors(wires))

    def typed_before(self, place: int, node_type: str) -> list[int]:
        """Return the nodes of a type that the node's table comes from."""
        return sorted(p for p in self.before[place] if self.nodes[p].node.node_type == node_type)

    def typed_after(self, place: int, node_type: str) -> list[int]:
        """Return the nodes of a type that the node leads to."""
        return [
            p.index for p in self.nodes if p.node.node_type == node_type and place in self.before[p.index]
        ]

    def split_of(self, place: int) -> int | None:
        """Return the split a node is, comes from or, if there is only one such, leads to."""
        if self.nodes[place].node.node_type == SPLIT:
            return place
        splits = self.typed_before(place, SPLIT) or self.typed_after(place, SPLIT)
        return splits[0] if len(splits) == 1 else None

    def target_of(self, place: int) -> str | None:
        """Return the column to predict, as the node's split has it."""
        split = self.split_of(place)
        return None if split is None else str(self.nodes[split].parameters["target"])

    def has_model(self, place: int) -> bool:
        """Return whether the node's table comes from a model."""
        return any(
            "model" in self.nodes[p].node.outputs and not self.nodes[p].node.needs_model
            for p in self.before[place]
        )


def leaks(lineage: Lineage) -> Iterator[Problem]:
    """Yield for each node how it would learn from test rows, or lacks what it needs to learn."""
    for placed in lineage.nodes:
        yield from _leaks(placed, lineage)
        yield from _needs(placed, lineage)


def _leaks(placed: Placed, lineage: Lineage) -> Iterator[Problem]:
    place, name = placed.index, placed.node.node_type
    earlier = [lineage.nodes[p].id for p in lineage.typed_before(place, SPLIT)]
    if name == SPLIT and earlier:
        yield placed.problem(
            "inputs", f"The rows are split already (by {earlier[0]!r}): take one split away."
        )
    if name == JOIN and earlier:
        yield placed.problem(
            "inputs", f"Test rows of {earlier[0]!r} would mix with others: join before the split."
        )
    if not placed.node.learns(placed.parameters):
        return
    splits = [lineage.nodes[p].id for p in lineage.typed_after(place, SPLIT)]
    if len(splits) > 1 and not earlier:
        names = " and ".join(map(repr, splits))
        yield placed.problem(
            "inputs",
            f"It would learn from test rows, for it leads to several splits ({names}): put it behind each.",
        )
    joins = [lineage.nodes[p].id for p in lineage.typed_after(place, JOIN)]
    if joins:
        yield placed.problem(
            "inputs", f"It would learn before the rows are joined (by {joins[0]!r}): put it behind the join."
        )


def _needs(placed: Placed, lineage: Lineage) -> Iterator[Problem]:
    place = placed.index
    if placed.node.needs_split and not lineage.typed_before(place, SPLIT):
        yield placed.problem(
            "inputs", "It would be judged on the rows it learned from: put a `split` before it."
        )
    elif placed.node.needs_target(placed.parameters) and lineage.target_of(place) is None:
        yield placed.problem(
            "inputs", "It needs to know what is to be predicted: add a `split` with the `target`."
        )
    if placed.node.needs_model and not lineage.has_model(place):
        yield placed.problem("inputs", "It needs a model: put a node of the category `model` before it.")
    if trouble := placed.node.misuses(placed.parameters, lineage.target_of(place)):
        yield placed.problem("input", trouble)

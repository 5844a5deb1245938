"""Following columns through the pipeline, as far as they are known before anything has run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.errors import Problem, SourceError
from siprems_engine.pipelines.node import Sources
from siprems_engine.pipelines.reading import Placed, node_id, sound
from siprems_engine.pipelines.wiring import Wires, order


def missing_columns(nodes: Sequence[Placed], wires: Wires, sources: Sources) -> Iterator[Problem]:
    """Yield each column that a node reads and that surely is not there."""
    known: dict[int, Columns] = {}
    for place in order(wires):
        placed = nodes[place]
        before = [known[source] for source in wires[place]]
        if not before:
            try:
                names = sources.columns(placed.node.node_type, placed.parameters)
            except SourceError as error:
                yield placed.problem(f"input.{error.field}", str(error))
                names = None
            known[place] = Columns() if names is None else Columns.exactly(names)
            continue
        yield from _missing(placed, before)
        known[place] = placed.node.columns_after(before, placed.parameters)


def _missing(placed: Placed, before: Sequence[Columns]) -> Iterator[Problem]:
    for parameter, names in placed.node.reads(placed.parameters).items():
        for columns in before:
            lacking = [name for name in names if columns.lacks(name)]
            if lacking:
                yield placed.problem(f"input.{parameter}", _sentence(lacking, columns))


def _sentence(lacking: Sequence[str], columns: Columns) -> str:
    wanted = ", ".join(map(repr, lacking))
    gone = [name for name in lacking if name in columns.gone]
    if gone:
        names = ", ".join(map(repr, gone))
        return f"There is no column {wanted} any more: a node before has replaced or dropped {names}."
    return f"There is no column {wanted}; there are {', '.join(sorted(columns.names)[:30])}."


def columns_before(specs: Sequence[Mapping[str, Any]], sources: Sources) -> list[Columns]:
    """Return what is known of the columns that reach each node of a list that need not be complete yet.

    Nodes that cannot run as they stand are taken for such that leave the columns as they are.
    """
    found: list[Columns] = []
    after: dict[str, Columns] = {}
    last = Columns()
    for place, spec in enumerate(specs):
        given = spec.get("inputs")
        before = [after.get(name, Columns()) for name in given] if given else [last]
        found.append(before[0])
        last = _columns_of(place, spec, before, sources)
        after[node_id(place, spec)] = last
    return found


def _columns_of(place: int, spec: Mapping[str, Any], before: Sequence[Columns], sources: Sources) -> Columns:
    placed = sound(place, spec)
    if placed is None or len(before) < len(placed.node.inputs):
        return before[0]
    if placed.node.inputs:
        return placed.node.columns_after(before, placed.parameters)
    try:
        names = sources.columns(placed.node.node_type, placed.parameters)
    except SourceError:
        names = None
    return Columns() if names is None else Columns.exactly(names)

"""Which node takes the table of which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from siprems_engine.pipelines.errors import InvalidPipeline, Problem
from siprems_engine.pipelines.reading import Placed

Wires = tuple[tuple[int, ...], ...]


def wire(nodes: Sequence[Placed]) -> Wires:
    """Return the places of each node's inputs; raises `InvalidPipeline` if nodes or inputs do not fit."""
    places = {placed.id: placed.index for placed in nodes}
    if problems := [problem for placed in nodes for problem in _problems(placed, places)]:
        raise InvalidPipeline(problems)
    wires = tuple(tuple(places[name] for name in _inputs(placed, nodes)) for placed in nodes)
    if cycle := _cycle(wires):
        path = " -> ".join(repr(nodes[place].id) for place in cycle)
        raise InvalidPipeline(
            [
                nodes[place].problem(
                    "inputs", f"The nodes form a cycle ({path}): take one of these inputs away."
                )
                for place in sorted(set(cycle))
            ]
        )
    return wires


def order(wires: Wires) -> list[int]:
    """Return the places in an order of work: a node after its inputs, otherwise as in the list."""
    left, done, found = list(range(len(wires))), set[int](), list[int]()
    while left:
        place = next(place for place in left if done.issuperset(wires[place]))
        left.remove(place)
        done.add(place)
        found.append(place)
    return found


def ancestors(wires: Wires) -> list[frozenset[int]]:
    """Return for each place all places its table comes from, directly or not."""
    found: dict[int, frozenset[int]] = {}
    for place in order(wires):
        found[place] = frozenset(wires[place]).union(*(found[source] for source in wires[place]))
    return [found[place] for place in range(len(wires))]


def _inputs(placed: Placed, nodes: Sequence[Placed]) -> tuple[str, ...]:
    if placed.inputs is not None:
        return placed.inputs
    return (nodes[placed.index - 1].id,) if placed.node.inputs else ()


def _problems(placed: Placed, places: dict[str, int]) -> Iterator[Problem]:
    if places[placed.id] != placed.index:
        yield placed.problem("id", "Another node has the same id: give each its own.")
    needed = placed.node.inputs
    if placed.inputs is None and needed and placed.index == 0:
        yield placed.problem("inputs", "Nothing comes before it: begin with a source, such as `dataset`.")
    given = 1 if placed.inputs is None and needed else len(placed.inputs or ())
    if given != len(needed):
        names = f" ({', '.join(needed)})" if needed else ""
        yield placed.problem(
            "inputs", f"It takes {len(needed)} inputs{names}, not {given}: name them in `inputs`."
        )
    for name in placed.inputs or ():
        if name not in places:
            yield placed.problem("inputs", f"There is no node with the id {name!r} to take rows from.")


def _cycle(wires: Wires) -> list[int]:
    try:
        TopologicalSorter(dict(enumerate(wires))).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []

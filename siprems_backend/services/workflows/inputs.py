"""What an execution changes in a workflow before it runs.

Each name in `inputs` is the first of these that there is: a parameter of the workflow; the id of a node, or a
type of node for all nodes of it, with an object of their inputs; an input that exactly one source takes, such
as `dataset_id`. Where two of them set the same input, the one that comes first here wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from siprems_backend.errors import Invalid
from siprems_backend.services.workflows.definitions import Definition, Nodes, require_small
from siprems_backend.services.workflows.targets import Targets
from siprems_backend.utils.problems import one_line

LARGEST_BYTES = 64 * 1024

Inputs = Mapping[str, Any]


class Change(NamedTuple):
    """An input of the node at a place; changes of a higher rank win."""

    rank: int
    place: int
    name: str
    value: Any


def filled(definition: Definition, inputs: Inputs) -> Nodes:
    """The nodes with these inputs in the place of the saved ones; whether they can run is not looked at.

    Raises:
        TooLarge: they take more than `LARGEST_BYTES` as JSON.
        Invalid: a name means nothing here, or a required parameter is missing.
    """
    require_small(inputs, "The inputs", LARGEST_BYTES)
    targets = Targets(definition.pipeline)
    problems: dict[str, list[str]] = {}
    changes: list[Change] = []
    for name, value in inputs.items():
        try:
            changes += _changes(definition, targets, name, value)
        except ValueError as error:
            problems[f"inputs.{name[:100]}"] = [str(error)]
    for name, parameter in definition.parameters.items():
        if parameter.get("required") and name not in inputs:
            problems[f"inputs.{name}"] = ["Must be given."]
    if problems:
        raise Invalid(one_line(problems.items()), code="invalid_inputs", fields=problems)
    return _changed(definition.pipeline, sorted(changes, key=lambda change: change.rank))


def _changes(definition: Definition, targets: Targets, name: str, value: Any) -> Iterator[Change]:
    """What one name changes; ValueError says why it means nothing."""
    if name in definition.parameters:
        for target in definition.parameters[name]["sets"]:
            for place in targets.named(target["node"]):
                yield Change(3, place, target["input"], value)
    elif places := targets.named(name):
        if not isinstance(value, Mapping):
            raise ValueError("Must be an object with inputs of the node.")
        rank = 2 if targets.with_id(name) else 1
        yield from (Change(rank, place, key, given) for place in places for key, given in value.items())
    else:
        yield Change(0, _only_source(definition, targets, name), name, value)


def _only_source(definition: Definition, targets: Targets, name: str) -> int:
    places = targets.sources_taking(name)
    if len(places) == 1:
        return places[0]
    if places:
        raise ValueError("Several sources take this; give it by the id of each node.")
    known = f" Its parameters are {', '.join(definition.parameters)}." if definition.parameters else ""
    raise ValueError(
        f"This is neither a parameter nor a node nor an input of a source;{known} {targets.listed()}"
    )


def _changed(pipeline: Nodes, changes: list[Change]) -> Nodes:
    nodes = [{**spec, "input": dict(spec.get("input", {}))} for spec in pipeline]
    for change in changes:
        nodes[change.place]["input"][change.name] = change.value
    return nodes

"""From the body of a request to nodes with complete parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator

from siprems_engine.pipelines.errors import InvalidPipeline, Problem
from siprems_engine.pipelines.node import Node
from siprems_engine.pipelines.registry import registry

MOST_NODES = 200
LONGEST_MESSAGE = 300
NAME = {"type": "string", "minLength": 1, "maxLength": 100}
BODY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pipeline_name": {"type": "string", "maxLength": 200},
        "pipeline": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_NODES,
            "items": {
                "type": "object",
                "properties": {
                    "node_type": NAME,
                    "id": NAME,
                    "inputs": {"type": "array", "items": NAME, "maxItems": 10},
                    "input": {"type": "object"},
                },
                "required": ["node_type"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["pipeline"],
    "additionalProperties": False,
}
BODY = Draft202012Validator(BODY_SCHEMA)


@dataclass(frozen=True, eq=False)
class Placed:
    """A node at its place in the list; `inputs` are ids, None if it takes what comes before it."""

    index: int
    id: str
    node: Node
    parameters: dict[str, Any]
    inputs: tuple[str, ...] | None

    def problem(self, field: str, message: str) -> Problem:
        """Return a problem of this node."""
        return Problem(self.index, self.id, self.node.node_type, field, message)


def read(body: Mapping[str, Any]) -> list[Placed]:
    """Return the nodes of a body in the order of the list; raises `InvalidPipeline` if any is wrong."""
    if malformed := [_malformed(body, error) for error in BODY.iter_errors(body)]:
        raise InvalidPipeline(malformed)
    nodes = list(body["pipeline"])
    problems = [problem for place, spec in enumerate(nodes) for problem in _problems(place, spec)]
    if problems:
        raise InvalidPipeline(problems)
    return [_placed(place, spec) for place, spec in enumerate(nodes)]


def _placed(place: int, spec: Mapping[str, Any]) -> Placed:
    node = registry()[spec["node_type"]]
    inputs = tuple(spec["inputs"]) if "inputs" in spec else None
    return Placed(place, node_id(place, spec), node, node.complete(spec.get("input", {})), inputs)


def node_id(place: int, spec: Mapping[str, Any]) -> str:
    """Return the id of a node in the list: its own, or one by its place."""
    return str(spec.get("id", f"node_{place + 1}"))


def sound(place: int, spec: Mapping[str, Any]) -> Placed | None:
    """Return the node, or None if it is unknown or has parameters that it does not take."""
    return None if any(_problems(place, spec)) else _placed(place, spec)


def _problems(place: int, spec: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with a node that has the right form."""
    name, identity = spec["node_type"], node_id(place, spec)
    known = registry()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"the nodes are {', '.join(known)}."
        yield Problem(place, identity, name, "node_type", f"There is no such node; {advice}")
        return
    for error in Draft202012Validator(known[name].schema).iter_errors(spec.get("input", {})):
        field = ".".join(["input", *map(str, error.absolute_path)])
        yield Problem(place, identity, name, field, f"{_where(field)}{_said(error)}.")


def _said(error: Any) -> str:
    """Return the library's message, which quotes the value; of a long value only the rule it breaks."""
    if len(error.message) <= LONGEST_MESSAGE:
        return str(error.message)
    return f"it breaks the rule `{error.validator}: {error.validator_value}`"[:LONGEST_MESSAGE]


def _where(field: str) -> str:
    return "" if field == "input" else f"{field.removeprefix('input.')}: "


def _malformed(body: Any, error: Any) -> Problem:
    """Return the problem of a body of the wrong form, with the node at fault if there is one."""
    path = list(error.absolute_path)
    if len(path) < 2:
        return Problem(0, "", "", ".".join(map(str, path)), f"The body is not a pipeline: {_said(error)}.")
    spec = body["pipeline"][path[1]]
    named = spec if isinstance(spec, Mapping) else {}
    field = ".".join(map(str, path[2:]))
    return Problem(
        path[1], node_id(path[1], named), str(named.get("node_type", "")), field, f"{_said(error)}."
    )

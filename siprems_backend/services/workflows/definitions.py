"""What a workflow does: its nodes, and the parameters by which an execution may change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from siprems_backend.errors import Invalid, TooLarge
from siprems_backend.services.pipelines.problems import refused
from siprems_backend.services.workflows.targets import Targets
from siprems_backend.utils.problems import one_line
from siprems_engine.pipelines import InvalidPipeline, check

LARGEST_BYTES = 128 * 1024
LONGEST_NAME = 200

Nodes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Definition:
    """The nodes of a pipeline, and its parameters by name.

    A parameter has `sets`, the inputs of nodes that it stands for, `required` and `description`.
    """

    pipeline: Nodes
    parameters: Mapping[str, Any] = field(default_factory=dict)


class AnyRows:
    """Sources whose rows nobody has looked at: a workflow is saved before its data is there."""

    def columns(self, node_type: str, parameters: Mapping[str, Any]) -> None:
        """Nothing is known of them."""

    def frame(self, node_type: str, parameters: Mapping[str, Any]) -> Any:
        """Nobody runs what is only checked."""
        raise NotImplementedError


def checked(definition: Definition) -> Definition:
    """The definition, if it can be run on suitable data.

    Raises:
        TooLarge: it takes more than `LARGEST_BYTES` as JSON.
        Invalid: nodes are unknown, their inputs make no sense, they form a cycle or learn from test rows, or
            a parameter sets what is not there. `fields` names each node.
    """
    require_small([definition.pipeline, definition.parameters], "The workflow")
    require_sound(definition.pipeline)
    problems = dict(_problems_of_parameters(definition))
    if problems:
        raise Invalid(one_line(problems.items()), code="invalid_parameters", fields=problems)
    return definition


def require_sound(pipeline: Nodes) -> None:
    """See that a list of nodes can run on suitable data.

    Raises:
        Invalid: it cannot run, whatever the data.
    """
    try:
        check(body_of(pipeline), AnyRows())
    except InvalidPipeline as error:
        raise refused(error) from None


def body_of(pipeline: Nodes, name: str = "") -> dict[str, Any]:
    """The body that the engine takes."""
    return {"pipeline": list(pipeline), "pipeline_name": name[:LONGEST_NAME]}


def require_small(value: Any, what: str, most: int = LARGEST_BYTES) -> None:
    """Refuse what would fill tables and messages.

    Raises:
        TooLarge: it takes more than `most` bytes as JSON.
        Invalid: it is nested too deeply to be kept.
    """
    try:
        size = len(orjson.dumps(value))
    except TypeError:
        raise Invalid(f"{what} is nested too deeply.", code="nested_too_deeply") from None
    if size > most:
        raise TooLarge(f"{what} takes {size} bytes as JSON; {most} is the most.", code="workflow_too_large")


def _problems_of_parameters(definition: Definition) -> Iterator[tuple[str, list[str]]]:
    targets = Targets(definition.pipeline)
    for name, parameter in definition.parameters.items():
        path = f"parameters.{name}"
        if targets.named(name):
            yield path, ["A node is called like this; take another name."]
        for place, target in enumerate(parameter["sets"]):
            problem = targets.problem_of(target["node"], target["input"])
            if problem:
                yield f"{path}.sets.{place}", [problem]

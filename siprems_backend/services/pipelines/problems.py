"""What is wrong with a pipeline, in the shape of every other error: which node, which field, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from siprems_backend.errors import Invalid, ServiceError
from siprems_engine.pipelines import InvalidPipeline, Problem

# So that a pipeline of two hundred mistakes is still a sentence; `fields` has them all.
SAID = 3


class NodeFailed(ServiceError):
    """A node could not work on its rows, and running it again would not help.

    `results` are those of all nodes: the ones before keep theirs, the ones after were skipped.
    """

    status = 422
    code = "node_failed"
    results: Sequence[dict[str, Any]] = ()


def refused(error: InvalidPipeline) -> Invalid:
    """The error of a pipeline that was not run."""
    fields: dict[str, list[str]] = {}
    for problem in error.problems:
        fields.setdefault(_place(problem), []).append(problem.message)
    said = [_sentence(problem) for problem in error.problems]
    more = f" And {len(said) - SAID} more problems." if len(said) > SAID else ""
    return Invalid(" ".join(said[:SAID]) + more, code="invalid_pipeline", fields=fields)


def require_success(answer: dict[str, Any]) -> None:
    """Raise `NodeFailed` if a node of a run has failed."""
    failed = next((result for result in answer["results"] if result["status"] == "failed"), None)
    if failed is None:
        return
    reason = failed["error"]
    raise failure(
        failed["id"],
        failed["node_type"],
        reason["message"],
        index=reason["index"],
        field=reason["field"],
        results=answer["results"],
    )


def failure(
    node_id: str,
    node_type: str,
    message: str,
    *,
    index: int,
    field: str = "input",
    results: Sequence[dict[str, Any]] = (),
) -> NodeFailed:
    """The error of a node that failed."""
    problem = Problem(index, node_id, node_type, field, message)
    error = NodeFailed(_sentence(problem), fields={_place(problem): [message]})
    error.results = results
    return error


def _place(problem: Problem) -> str:
    """The place in the body: `pipeline.2.input.columns`; problems of the whole body name no node."""
    if not problem.id:
        return problem.field or "pipeline"
    return ".".join(filter(None, ["pipeline", str(problem.index), problem.field]))


def _sentence(problem: Problem) -> str:
    if not problem.id:
        return problem.message
    return f"Node {problem.id!r} ({problem.node_type}): {problem.message}"

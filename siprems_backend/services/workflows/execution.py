"""Workflows at work: what a worker does with one, and what became of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from siprems_backend.errors import ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models import workflow_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services import families, pipelines
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines.known_columns import KnownColumns
from siprems_backend.services.pipelines.listening import OnNode, untold
from siprems_backend.services.task_registry import TaskKind, fan_out, states
from siprems_backend.services.workflows.definitions import body_of
from siprems_backend.services.workflows.inputs import Inputs, filled
from siprems_backend.services.workflows.records import definition_of, require_version
from siprems_engine.pipelines import InvalidPipeline, check

start = families.start


def execute(
    workflow_id: UUID, version: int, inputs: Inputs, caller: Principal, *, on_progress: OnNode = untold
) -> dict[str, Any]:
    """Run a version of a workflow for a caller, on these inputs: what a run of its pipeline tells.

    Raises:
        NotFound: the version was forgotten.
        Invalid: it cannot run; names the nodes.
        NodeFailed: a node could not work on its rows.
        TaskCancelled: from `on_progress`.
    """
    body = _body(workflow_id, version, inputs)
    made = pipelines.run(body, caller, on_progress=on_progress)
    return {"workflow_id": str(workflow_id), "version": version, **made}


def validate(workflow_id: UUID, version: int, inputs: Inputs, caller: Principal) -> dict[str, Any]:
    """Whether a version of a workflow could run for a caller on these inputs and the data as they are now.

    `problems` have `field` and `message` and, where they are of a node, its `index`, `id` and `node_type`.

    Raises:
        NotFound: the version was forgotten.
    """
    problems: list[dict[str, Any]] = []
    try:
        check(_body(workflow_id, version, inputs), KnownColumns(caller))
    except InvalidPipeline as error:
        problems = [problem.as_json() for problem in error.problems]
    except ServiceError as error:
        problems = [{"field": field, "message": " ".join(said)} for field, said in error.fields.items()]
    return {
        "workflow_id": str(workflow_id),
        "version": version,
        "valid": not problems,
        "problems": problems,
    }


@fan_out.joined_by(TaskKind.BULK_WORKFLOWS, results=False)
def summarise(parent: Task, children: list[Task]) -> dict[str, Any]:
    """The result of a bulk execution: how each ended, in the order of the request, and why it failed."""
    ids = {child.kwargs["workflow_id"] for child in children}
    with database.reading() as session:
        names = workflow_queries.names(session, [UUID(each) for each in ids])
    places = {task_id: place for place, task_id in enumerate(families.child_ids(parent.id, len(children)))}
    ordered = sorted(children, key=lambda child: places.get(child.id, 0))
    return {
        **families.counted(children),
        **_warning(children),
        "results": [_outcome(child, names) for child in ordered],
    }


def _body(workflow_id: UUID, version: int, inputs: Inputs) -> dict[str, Any]:
    with database.reading() as session:
        definition = definition_of(require_version(session, workflow_id, version))
        name = workflow_queries.names(session, [workflow_id])[workflow_id]
    return body_of(filled(definition, inputs), name)


def _warning(children: list[Task]) -> dict[str, str]:
    """What the parent's message says, which succeeds whatever became of its children."""
    unwell = sum(child.status != states.SUCCESS for child in children)
    return {"warning": f"{unwell} of {len(children)} workflows did not succeed"} if unwell else {}


def _outcome(child: Task, names: Mapping[UUID, str]) -> dict[str, Any]:
    workflow_id = child.kwargs["workflow_id"]
    ran = child.started_at and child.finished_at and (child.finished_at - child.started_at).total_seconds()
    return {
        **families.outcome(child),
        "workflow_id": workflow_id,
        "name": names.get(UUID(workflow_id)),
        "version": child.kwargs["version"],
        "seconds": ran,
    }

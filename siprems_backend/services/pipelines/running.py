"""Running a pipeline from the worker's side: start it, pass on where it is, keep what it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import structlog

from siprems_backend.config import get_settings
from siprems_backend.services import task_files
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import (
    cache_folder,
    checking,
    jobs,
    model_keeping,
    problems,
    processes,
)
from siprems_backend.services.pipelines.listening import NodeListener, OnNode, untold
from siprems_backend.services.task_registry import fence
from siprems_backend.services.tool_runner.execution import OUTPUT
from siprems_backend.services.tool_runner.failures import ToolFailed
from siprems_engine.pipelines import Plan

log = structlog.get_logger(__name__)


def run(body: Mapping[str, Any], caller: Principal, *, on_progress: OnNode = untold) -> dict[str, Any]:
    """Run a pipeline in a process of its own: `{success, pipeline_name, results, output_files}`.

    Models are kept under the name of the pipeline. Files of `export` nodes are kept with the running task;
    outside of a task they are not kept.

    Raises:
        Invalid: it cannot run; `fields` names every node and parameter at fault.
        NodeFailed: a node could not work on its rows, or needed too much; `results` has what came before.
        TooLarge: the caller has no room for the models.
        TaskCancelled: from `on_progress`; the process is dead, nothing was kept.
    """
    plan = checking.check(body, caller).plan
    task_id = fence.running_task()
    try:
        with task_files.scratch_folder(task_id or uuid4()) as folder:
            made = _made(body, caller, plan, folder, on_progress)
            answer: dict[str, Any] = orjson.loads((folder / jobs.RESULTS).read_bytes())
            problems.require_success(answer)
            _keep_models(answer, made["models"], folder, caller)
            files = [] if task_id is None else task_files.keep(task_id, folder / OUTPUT, made["files"])
    finally:
        # What failed has left results of nodes as well, for whoever corrects it.
        cache_folder.make_room(caller.user_id)
    return {**answer, "output_files": files}


def _keep_models(
    answer: dict[str, Any], fitted: Sequence[Mapping[str, Any]], folder: Path, caller: Principal
) -> None:
    """Keep the models, and put their ids in the place of the digests that the engine gave them."""
    name = str(answer["pipeline_name"]).strip() or model_keeping.UNNAMED
    for place, model in model_keeping.keep(fitted, folder, name, caller).items():
        answer["results"][place]["output"] |= {"model_id": str(model.id), "model_version": model.version}


def _made(
    body: Mapping[str, Any], caller: Principal, plan: Plan, folder: Path, on_progress: OnNode
) -> dict[str, Any]:
    """What the run made; an error that is not the pipeline's own is that of the node it came from."""
    listener = NodeListener(on_progress, len(plan.nodes))
    arguments = {
        "body": body,
        "user_id": caller.user_id,
        "email": caller.email,
        "role": caller.role.value,
        "cache_folder": str(cache_folder.of_user(caller.user_id)),
        "cache_bytes": get_settings().pipeline_cache_bytes // cache_folder.RUNS_IN_ONE,
    }
    try:
        return processes.do(jobs.RUN_PIPELINE, arguments, folder, listener)
    except ToolFailed as error:
        place = plan.order[max(listener.node[0], 1) - 1]
        at = plan.nodes[place]
        raise problems.failure(at.id, at.node.node_type, error.message, index=place) from None

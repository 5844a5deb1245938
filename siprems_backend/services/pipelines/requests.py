"""Asking for runs: a body is checked, a task entered, and waited for if the client wants to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, TooLarge
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import model_records, waiting
from siprems_backend.services.pipelines.checking import check
from siprems_backend.services.pipelines.node_bodies import as_fields_of_node, pipeline_of
from siprems_backend.services.task_registry import Submitted, TaskKind

Answer = dict[str, Any]


def submit_pipeline(
    body: Mapping[str, Any], caller: Principal, *, idempotency_key: str | None = None, waits: bool = False
) -> Submitted:
    """Have a worker run a pipeline.

    Raises:
        Invalid: it cannot run; `fields` names every node and parameter at fault.
        TooLarge: the caller `waits`, and its datasets have too many rows for that.
    """
    _require_fit(check(body, caller).rows, waits)
    return task_registry.submit(
        TaskKind.EXECUTE_PIPELINE, {"body": dict(body)}, owner=caller, idempotency_key=idempotency_key
    )


def submit_node(
    body: Mapping[str, Any], caller: Principal, *, idempotency_key: str | None = None, waits: bool = False
) -> Submitted:
    """Have a worker run a single node; raises as `submit_pipeline`, with fields of this body."""
    try:
        rows = check(pipeline_of(body), caller).rows
    except Invalid as error:
        raise as_fields_of_node(error, body) from None
    _require_fit(rows, waits)
    return task_registry.submit(
        TaskKind.EXECUTE_NODE, {"body": dict(body)}, owner=caller, idempotency_key=idempotency_key
    )


def submit_prediction(
    model_id: UUID,
    caller: Principal,
    *,
    rows: Sequence[Mapping[str, Any]] | None = None,
    dataset_id: str | None = None,
    idempotency_key: str | None = None,
) -> Submitted:
    """Have a worker predict with a model; raises `NotFound` or `Gone` if it is not there."""
    model_records.get(model_id, caller)
    model_records.existing_path(model_id)
    kwargs: dict[str, Any] = {"model_id": str(model_id)}
    kwargs |= {"rows": list(rows)} if rows is not None else {"dataset_id": dataset_id}
    return task_registry.submit(
        TaskKind.PREDICT_WITH_MODEL, kwargs, owner=caller, idempotency_key=idempotency_key
    )


def answer_of(submitted: Submitted, caller: Principal) -> Answer | None:
    """The result if it comes soon, with the id of its task; None if the client had better follow the task.

    Raises:
        ServiceError: what went wrong.
    """
    found = waiting.result_of(submitted, caller)
    return None if found is None else {**found, "task_id": str(submitted.task_id)}


def _require_fit(rows: int, waits: bool) -> None:
    most = get_settings().pipeline_sync_rows
    if waits and rows > most:
        raise TooLarge(
            f"The datasets have {rows:,} rows, and a call waits for at most {most:,}: send the same body to "
            "the path that ends with run-async, and follow the task.",
            code="too_many_rows",
        )

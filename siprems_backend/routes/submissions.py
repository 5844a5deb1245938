"""The answer to every submit."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from siprems_backend.services.families import Family
from siprems_backend.services.task_registry import Submitted


def submitted_body(submitted: Submitted, message: str, **more: Any) -> dict[str, Any]:
    """What a client needs to follow its task; `more` are the fields of the particular task."""
    base = f"/api/v1/tasks/{submitted.task_id}"
    return {
        "task_id": submitted.task_id,
        "status": "submitted",
        "message": message,
        "queued": submitted.queued,
        "executor": submitted.executor,
        "status_url": f"{base}/status",
        "result_url": f"{base}/result",
        "cancel_url": f"{base}/cancel",
        **more,
    }


def submitted_family(family: Family, things: str) -> Any:
    """The answer to a submit of many tasks: `things` is what they are called together."""
    body = submitted_body(family.parent, f"{len(family.task_ids)} {things} submitted")
    children = f"/api/v1/tasks/{family.parent.task_id}/children"
    # As it is: a thousand ids take longer through the schema than into the ledger.
    return jsonify({**body, "task_ids": family.task_ids, "children_url": children}), 202

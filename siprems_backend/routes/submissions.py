"""The answer to every submit."""

from __future__ import annotations

from typing import Any

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

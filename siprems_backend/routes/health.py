"""Health for load balancers and containers: outside the canonical prefix, open to everybody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from siprems_backend.routes.error_handlers import error_response
from siprems_backend.services import health

blueprint = Blueprint("health", __name__, url_prefix="/health")
RETRY_AFTER_SECONDS = 5


@blueprint.get("/live")
def live() -> dict[str, str]:
    """Whether the process answers at all; looks at nothing else, so that only a hung process is restarted."""
    return {"status": "ok"}


@blueprint.get("/ready")
def ready() -> Response:
    """Whether requests should be sent here; 503 with the same list of checks when not."""
    found = health.readiness()
    checks = {
        name: {"status": finding.state.value, "message": finding.message}
        for name, finding in found.checks.items()
    }
    body: dict[str, Any] = {"status": "ready" if found.ready else "not_ready", "checks": checks}
    if found.ready:
        return jsonify(body)
    response = error_response(
        503, "not_ready", "Something that is needed is away; `checks` says what.", None, RETRY_AFTER_SECONDS
    )
    response.set_data(jsonify({**response.get_json(), **body}).get_data())
    return response

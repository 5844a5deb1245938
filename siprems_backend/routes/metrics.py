"""Figures for Prometheus: outside the canonical prefix, with a token of their own."""

from __future__ import annotations

from flask import Blueprint, Response, request

from siprems_backend.services import metrics

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def read() -> Response:
    """Figures of the web processes, and what the database and the broker know; 404 without METRICS_TOKEN."""
    metrics.require_token(request.headers.get("Authorization", ""))
    body, content_type = metrics.exposition(metrics.Asked.WEB, request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)

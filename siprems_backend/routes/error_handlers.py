"""One shape for every error that leaves the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, jsonify, request
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from siprems_backend.errors import ServiceError
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.utils.problems import one_line

log = structlog.get_logger(__name__)

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_fields",
    429: "too_many_requests",
    503: "unavailable",
}


def error_response(
    status: int,
    code: str,
    message: str,
    fields: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
) -> Response:
    """The error document, with `Retry-After` where waiting helps."""
    body: dict[str, Any] = {"error": {"code": code, "message": message}, "message": message}
    if fields:
        body["error"]["fields"] = dict(fields)
    response = jsonify(body)
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def register_error_handlers(app: Flask) -> None:
    """Map every exception to the error document; the unknown ones are logged, never shown."""
    app.register_error_handler(ServiceError, _service_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RedisError, _broker_away)
    for away in DATABASE_AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(Exception, _unexpected)


def _service_error(error: ServiceError) -> Response:
    response = error_response(
        error.status, error.code, error.message, error.fields, error.retry_after_seconds
    )
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    fields = data.get("errors") or data.get("messages")
    message = _field_message(fields) or data.get("message") or _description(error)
    response = error_response(status, CODES.get(status, "error"), str(message), fields)
    for name, value in error.get_headers(None):
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def _description(error: HTTPException) -> str:
    """What the exception says, unless those are the library's words for people with a browser."""
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is no path {request.path}; /docs shows those there are."
    if isinstance(error, MethodNotAllowed):
        taken = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.path} does not take {request.method}; it takes {taken}."
    return error.description or error.name


def _field_message(fields: object) -> str:
    """A sentence from marshmallow's nested messages: `json.days: Must be at most 365.`"""
    parts: list[tuple[str, list[str]]] = []

    def walk(value: object, path: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}" if path else str(key))
        elif isinstance(value, list):
            parts.append((path, [str(item) for item in value]))

    walk(fields, "")
    return one_line(parts)


def _broker_away(error: RedisError) -> Response:
    log.warning("redis_away", error=str(error))
    return error_response(
        503, "broker_unavailable", "The Redis server cannot be reached; try again.", None, 5
    )


def _database_away(error: Exception) -> Response:
    log.warning("database_away", error=type(error).__name__)
    return error_response(503, "database_unavailable", "The database cannot be reached; try again.", None, 5)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    return error_response(500, "internal_error", "Something went wrong on our side; the log has the details.")

"""Errors that services raise and every edge (HTTP, tasks, commands) shows to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """A request that cannot be served, with the HTTP status and a code that clients can branch on."""

    status = 500
    code = "internal_error"
    # When trying again may help; None where it does not.
    retry_after_seconds: int | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Mapping[str, Any] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = dict(fields or {})
        self.retry_after_seconds = retry_after_seconds or self.retry_after_seconds


class BadRequest(ServiceError):
    """The request could not be understood."""

    status = 400
    code = "bad_request"


class Unauthorized(ServiceError):
    """Nobody, or somebody unknown."""

    status = 401
    code = "unauthorized"


class Forbidden(ServiceError):
    """Known, and not allowed."""

    status = 403
    code = "forbidden"


class NotFound(ServiceError):
    """The thing named does not exist, or is not the caller's to see."""

    status = 404
    code = "not_found"


class Gone(ServiceError):
    """It was here once, and is not coming back."""

    status = 410
    code = "gone"


class Conflict(ServiceError):
    """The state of things forbids it."""

    status = 409
    code = "conflict"


class TooLarge(ServiceError):
    """More data than the limit."""

    status = 413
    code = "too_large"


class UnsupportedFile(ServiceError):
    """A kind of file that cannot be read."""

    status = 415
    code = "unsupported_file"


class Invalid(ServiceError):
    """Field values that make no sense; `fields` says which and why."""

    status = 422
    code = "invalid_fields"


class TooManyRequests(ServiceError):
    """A rate limit was reached."""

    status = 429
    code = "too_many_requests"


class Unavailable(ServiceError):
    """A server that we need is away; trying again later helps."""

    status = 503
    code = "unavailable"
    retry_after_seconds = 5


class TaskCancelled(Exception):
    """Raised inside a running task when its record asks it to stop."""

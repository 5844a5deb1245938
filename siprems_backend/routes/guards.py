"""Guards: every blueprint declares the least role it needs; single routes may ask for more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, g, request
from flask_jwt_extended import get_jwt, verify_jwt_in_request

from siprems_backend.errors import Forbidden
from siprems_backend.services import authentication
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def protect(blueprint: Blueprint, role: Role) -> None:
    """Refuse every request to the blueprint whose caller has not at least this role."""

    @blueprint.before_request
    def guard() -> None:
        g.principal = _authenticate()
        _require(role)


def requires(role: Role) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Ask more of one route than its blueprint does."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            _require(role)
            return view(*args, **kwargs)

        return guarded

    return decorate


def current_principal() -> Principal:
    """The caller of this request."""
    principal: Principal = g.principal
    return principal


def _require(role: Role) -> None:
    principal = current_principal()
    if not principal.may(role):
        raise Forbidden(f"This needs the role '{role}'; yours is '{principal.role}'.", code="role_too_low")


def _authenticate() -> Principal:
    key = request.headers.get("X-API-Key")
    if key:
        return authentication.principal_of_api_key(key)
    verify_jwt_in_request()
    return authentication.principal_of_token(get_jwt())

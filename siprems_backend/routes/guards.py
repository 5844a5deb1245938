"""Guards: every blueprint declares the least role it needs; single routes may ask for more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from flask import Blueprint, current_app, g, request

from siprems_backend.errors import Forbidden
from siprems_backend.routes.tokens import access_claims
from siprems_backend.services import authentication
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

# What the blueprints declared, by name.
LEAST_ROLES: dict[str, Role] = {}


def protect(blueprint: Blueprint, role: Role, *, public: Collection[str] = ()) -> None:
    """Refuse every request to the blueprint whose caller has not at least this role.

    `public` names the views that anybody may call. They have no principal.
    """
    LEAST_ROLES[blueprint.name] = role
    open_endpoints = frozenset(f"{blueprint.name}.{view}" for view in public)

    @blueprint.before_request
    def guard() -> None:
        if request.endpoint in open_endpoints or _is_preflight():
            return
        identify_caller()
        _require(role)
        # Before the body is looked at: who may not call a route learns nothing about its fields.
        _require(least_role_of_view(request.endpoint or ""))


def requires(role: Role) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Ask more of one route than its blueprint does."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            _require(role)
            return view(*args, **kwargs)

        guarded.least_role = role  # type: ignore[attr-defined]
        return guarded

    return decorate


def least_role_of_view(endpoint: str) -> Role:
    """The role that the route itself asks for; the lowest if it asks for none."""
    role: Role = getattr(current_app.view_functions.get(endpoint), "least_role", Role.VIEWER)
    return role


def identify_caller() -> None:
    """Find out who calls, for this request and its log lines.

    Raises:
        Unauthorized: nobody known.
    """
    g.principal = _authenticate()
    structlog.contextvars.bind_contextvars(user_id=g.principal.user_id)


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
    return authentication.principal_of_token(access_claims())


def _is_preflight() -> bool:
    """Whether Flask itself answers with the methods of the path: browsers ask that without credentials."""
    automatic = getattr(request.url_rule, "provide_automatic_options", False)
    return request.method == "OPTIONS" and automatic

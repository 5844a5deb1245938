"""Who looks at the page: the guard before the dashboard has found out."""

from __future__ import annotations

from flask import g

from siprems_backend.errors import Forbidden
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role


def caller() -> Principal:
    """The caller of this request."""
    principal: Principal = g.principal
    return principal


def may(role: Role) -> bool:
    """Whether the caller may do what this role may."""
    return caller().may(role)


def require(role: Role) -> None:
    """Refuse callers below a role.

    Raises:
        Forbidden: always the same words as the API's.
    """
    if not may(role):
        raise Forbidden(f"This needs the role '{role}'; yours is '{caller().role}'.", code="role_too_low")

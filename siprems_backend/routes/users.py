"""Accounts of others, for administrators."""

from __future__ import annotations

from typing import Any

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.schemas.users import UserChange, UserPageSchema, UserQuery, UserSchema
from siprems_backend.services import users
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

blueprint = Blueprint("users", __name__, description="Accounts and roles")
PREFIX = "/users"
protect(blueprint, Role.ADMIN)


@blueprint.get("")
@blueprint.arguments(UserQuery, location="query")
@blueprint.response(200, UserPageSchema)
def list_users(query: dict[str, Any]) -> Any:
    """List accounts, oldest first."""
    page = PageRequest(query.pop("page"), query.pop("page_size"))
    return users.page(page, **query)


@blueprint.get("/<int:user_id>")
@blueprint.response(200, UserSchema)
def get_user(user_id: int) -> Any:
    """One account."""
    return users.by_id(user_id)


@blueprint.patch("/<int:user_id>")
@blueprint.arguments(UserChange)
@blueprint.response(200, UserSchema)
def change_user(body: dict[str, Any], user_id: int) -> Any:
    """Change a role, or deactivate or activate an account. It acts at once."""
    return users.change(user_id, **body, by=current_principal())

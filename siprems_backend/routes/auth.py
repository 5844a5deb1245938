"""Signing up, in and out; the caller's own account and API keys."""

from __future__ import annotations

from typing import Any

from flask import request

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.limits import limit_by_address, limit_by_user, limit_logins
from siprems_backend.routes.schemas.auth import (
    ApiKeyBody,
    ApiKeyPageSchema,
    ApiKeyQuery,
    CreatedApiKeySchema,
    Credentials,
    MessageSchema,
    PasswordChangeBody,
    PasswordChangedSchema,
    RefreshBody,
    RegisteredSchema,
    Registration,
    SignedInSchema,
    TokenPairSchema,
)
from siprems_backend.routes.schemas.users import UserSchema
from siprems_backend.routes.tokens import access_claims, refresh_claims, signed
from siprems_backend.services import api_keys, authentication
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

blueprint = Blueprint("auth", __name__, description="Accounts, sessions and API keys")
PREFIX = "/auth"
protect(blueprint, Role.VIEWER, public=("register", "login", "refresh"))


@blueprint.post("/register")
@blueprint.doc(security=[])
@limit_by_address
@blueprint.arguments(Registration)
@blueprint.response(201, RegisteredSchema)
def register(body: dict[str, Any]) -> Any:
    """Make an account: the first of an instance becomes admin, later ones start as viewer."""
    user = authentication.register(**body, address=request.remote_addr)
    return {"message": f"Welcome, {user.full_name}. You are registered as {user.role}.", "user": user}


@blueprint.post("/login")
@blueprint.doc(security=[])
@limit_logins
@blueprint.arguments(Credentials)
@blueprint.response(200, SignedInSchema)
def login(body: dict[str, Any]) -> Any:
    """Sign in with e-mail and password."""
    user, grant = authentication.login(**body, address=request.remote_addr)
    return {**signed(grant), "user": user}


@blueprint.post("/refresh")
@blueprint.doc(security=[])
@blueprint.arguments(RefreshBody, required=False)
@blueprint.response(200, TokenPairSchema)
def refresh(body: dict[str, Any]) -> Any:
    """Exchange a refresh token for the next pair; sending one twice ends the session."""
    claims = refresh_claims((body or {}).get("refresh_token"))
    return signed(authentication.refresh(claims, address=request.remote_addr))


@blueprint.post("/logout")
@blueprint.response(200, MessageSchema)
def logout() -> Any:
    """End this session: its tokens are refused from now on."""
    principal = current_principal()
    authentication.require_person(principal)
    authentication.logout(principal, access_claims()["exp"])
    return {"message": "Signed out."}


@blueprint.get("/profile")
@blueprint.response(200, UserSchema)
def profile() -> Any:
    """The caller's account."""
    return authentication.profile(current_principal())


@blueprint.put("/password")
@limit_by_user
@blueprint.arguments(PasswordChangeBody)
@blueprint.response(200, PasswordChangedSchema)
def change_password(body: dict[str, Any]) -> Any:
    """Change the password. All other sessions end, and all API keys unless they are kept."""
    change = authentication.change_password(current_principal(), **body, address=request.remote_addr)
    return {
        "message": "Password changed; other sessions have ended.",
        "sessions_ended": change.sessions_ended,
        "api_keys_revoked": change.api_keys_revoked,
    }


@blueprint.get("/api-keys")
@blueprint.arguments(ApiKeyQuery, location="query")
@blueprint.response(200, ApiKeyPageSchema)
def list_api_keys(query: dict[str, Any]) -> Any:
    """List your keys, the newest first."""
    page = PageRequest(query["page"], query["page_size"])
    return api_keys.page(current_principal(), page, of_everybody=query["all"])


@blueprint.post("/api-keys")
@blueprint.arguments(ApiKeyBody)
@blueprint.response(201, CreatedApiKeySchema)
def create_api_key(body: dict[str, Any]) -> Any:
    """Make a key for a machine. The answer shows it for the only time."""
    return api_keys.create(current_principal(), **body)


@blueprint.delete("/api-keys/<int:key_id>")
@blueprint.response(204)
def revoke_api_key(key_id: int) -> None:
    """Refuse a key from now on."""
    api_keys.revoke(current_principal(), key_id)

"""Signing and reading of tokens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import current_app, request
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    decode_token,
    get_jwt,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import WrongTokenError

from siprems_backend.routes import session_cookies
from siprems_backend.services.sessions import Grant


def signed(grant: Grant) -> dict[str, str]:
    """The pair of tokens of a grant."""
    identity = str(grant.user_id)
    return {
        "access_token": create_access_token(identity, additional_claims=grant.access_claims),
        "refresh_token": create_refresh_token(identity, additional_claims=grant.refresh_claims),
    }


def access_claims() -> Mapping[str, Any]:
    """Verified claims of the access token in the Authorization header, or else in the browser's cookie.

    A signature holds for ever, so the one of a token seen before is not computed again; its end is looked at
    every time. Whether the token was revoked is not in it: the service asks the database.
    """
    header = request.headers.get("Authorization", "")
    cookie = "" if header else request.cookies.get(session_cookies.ACCESS, "")
    if cookie:
        return _claims_of_cookie(cookie)
    claims = _signed_claims(header, current_app.config["JWT_SECRET_KEY"])
    if claims.get("exp", 0) <= time.time():
        verify_jwt_in_request()
    return claims


def _claims_of_cookie(cookie: str) -> Mapping[str, Any]:
    """Claims of a browser's token; browsers send it also where other sites' pages lead them."""
    claims = _cookie_claims(cookie, current_app.config["JWT_SECRET_KEY"])
    if claims.get("exp", 0) <= time.time():
        decode_token(cookie)
    session_cookies.require_proof(claims)
    return claims


@lru_cache(maxsize=1000)
def _cookie_claims(cookie: str, _key: str) -> Mapping[str, Any]:
    return _of_type("access", cookie)


@lru_cache(maxsize=1000)
def _signed_claims(_header: str, _key: str) -> Mapping[str, Any]:
    """Claims of the token in this header of the present request, signed with this key."""
    verify_jwt_in_request()
    claims: dict[str, Any] = get_jwt()
    return claims


def refresh_claims(token: str | None) -> dict[str, Any]:
    """Verified claims of a refresh token: the given one, or the one in the Authorization header."""
    if token is None:
        verify_jwt_in_request(refresh=True)
        return get_jwt()
    return _of_type("refresh", token)


def _of_type(wanted: str, token: str) -> dict[str, Any]:
    claims: dict[str, Any] = decode_token(token)
    if claims["type"] != wanted:
        raise WrongTokenError(f"Only {wanted} tokens are allowed")
    return claims

"""What flask-jwt-extended finds wrong with tokens, in our error shape and always with 401."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response
from flask_jwt_extended.exceptions import WrongTokenError

from siprems_backend.extensions.web import jwt
from siprems_backend.routes.error_handlers import error_response

MISSING = "Sign in: send `Authorization: Bearer <access token>` or `X-API-Key`."
EXPIRED = "This token has expired; refresh it or sign in again."
INVALID = "This token is not valid; sign in again."
WRONG_KIND = "This is the wrong kind of token: calls need an access token, refreshing needs a refresh token."


def register_token_errors(app: Flask) -> None:
    """Replace the library's answers; call after `jwt.init_app`, whose handlers some of these override."""
    jwt.unauthorized_loader(_missing)
    jwt.expired_token_loader(_expired)
    jwt.invalid_token_loader(_invalid)
    app.register_error_handler(WrongTokenError, _wrong_kind)


def _missing(_reason: str) -> Response:
    return _refusal("token_missing", MISSING)


def _expired(_header: Mapping[str, Any], _claims: Mapping[str, Any]) -> Response:
    return _refusal("token_expired", EXPIRED)


def _invalid(_reason: str) -> Response:
    return _refusal("token_invalid", INVALID)


def _wrong_kind(_error: WrongTokenError) -> Response:
    return _refusal("token_wrong_kind", WRONG_KIND)


def _refusal(code: str, message: str) -> Response:
    response = error_response(401, code, message)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response

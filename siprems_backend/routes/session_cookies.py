"""The cookies of a browser's session.

Both tokens are out of reach of scripts. What a script of ours must send along with every change is derived
from the session, stands in a cookie that only pages of our own origin can read, and so proves that the
request comes from one of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response

from siprems_backend.errors import Forbidden
from siprems_backend.services.sessions import FAMILY

ACCESS = "siprems_access"
REFRESH = "siprems_refresh"
CSRF = "siprems_csrf"
CSRF_HEADER = "X-CSRFToken"
DASHBOARD = "/app"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def keep(response: Response, tokens: Mapping[str, str], family_id: object) -> None:
    """Hand the tokens of a session to the browser, until the refresh token ends."""
    lifetime = current_app.config["SETTINGS"].refresh_token_days * 86_400
    _set(response, ACCESS, tokens["access_token"], lifetime, path="/", hidden=True)
    _set(response, REFRESH, tokens["refresh_token"], lifetime, path=DASHBOARD, hidden=True)
    _set(response, CSRF, proof(family_id), lifetime, path=DASHBOARD, hidden=False)


def forget(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(ACCESS, path="/")
    response.delete_cookie(REFRESH, path=DASHBOARD)
    response.delete_cookie(CSRF, path=DASHBOARD)


def proof(family_id: object) -> str:
    """What changes in this session must carry in the header: the same for its whole life."""
    key = current_app.config["JWT_SECRET_KEY"].encode()
    return hmac.new(key, f"csrf:{family_id}".encode(), hashlib.sha256).hexdigest()


def require_proof(claims: Mapping[str, Any]) -> None:
    """Refuse a change that a page of another site may have sent.

    Raises:
        Forbidden: the header is missing or belongs to another session.
    """
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), proof(claims.get(FAMILY)).encode()):
        raise Forbidden("Reload the page: it does not belong to this session.", code="csrf_failed")


def _set(response: Response, name: str, value: str, lifetime: int, *, path: str, hidden: bool) -> None:
    response.set_cookie(
        name, value, max_age=lifetime, path=path, secure=request.is_secure, httponly=hidden, samesite="Lax"
    )

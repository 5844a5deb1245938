"""Sessions of browsers, and the guard before everything the dashboard answers.

The sign-in page is an ordinary form, so that nothing of the dashboard is served to strangers but its files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import structlog
from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from siprems_backend.errors import Conflict, Forbidden, ServiceError
from siprems_backend.extensions.cache import cache
from siprems_backend.routes import session_cookies
from siprems_backend.routes.guards import identify_caller
from siprems_backend.routes.limits import limit_logins
from siprems_backend.routes.session_cookies import DASHBOARD
from siprems_backend.routes.tokens import access_claims, refresh_claims, signed
from siprems_backend.services import authentication
from siprems_backend.services.sessions import Grant

log = structlog.get_logger(__name__)

# (message of what went wrong, e-mail to begin with, where to go then) -> HTML
SignInPage = Callable[[ServiceError | None, str, str], str]

SIGN_IN = f"{DASHBOARD}/sign-in"
FILES = (f"{DASHBOARD}/assets/", f"{DASHBOARD}/_dash-component-suites/", f"{DASHBOARD}/_favicon.ico")
OPEN_TO_ALL = (SIGN_IN, f"{DASHBOARD}/session/", *FILES)
# Requests of the pages' scripts, which want an error; others are people, who want the sign-in page.
OF_SCRIPTS = f"{DASHBOARD}/_"
# Tabs that were opened together find the token run out together; one of them refreshes for all.
CLAIM_SECONDS = 60
WAIT_FOR_OTHER_SECONDS = 0.4


def register_browser_sessions(app: Flask, page: SignInPage) -> None:
    """Add signing in and out, and let nobody else to the dashboard."""
    app.register_blueprint(_blueprint(page), url_prefix=DASHBOARD)

    @app.before_request
    def guard() -> BaseResponse | None:
        path = request.path
        if not path.startswith(f"{DASHBOARD}/") or path.startswith(OPEN_TO_ALL):
            return None
        try:
            identify_caller()
        except Exception:
            if path.startswith(OF_SCRIPTS) or request.method != "GET":
                raise
            return _come_back()
        return None


def _blueprint(page: SignInPage) -> Blueprint:
    blueprint = Blueprint("browser_sessions", __name__)

    @blueprint.get("/sign-in")
    def show() -> Response:
        return Response(page(None, "", _own_path(request.args.get("next"))), mimetype="text/html")

    @blueprint.post("/sign-in")
    def sign_in() -> BaseResponse:
        following = _own_path(request.form.get("next"))
        try:
            return _with_session(redirect(following, 303), _signed_in())
        except ServiceError as error:
            body = page(error, request.form.get("email", ""), following)
            return Response(body, error.status, mimetype="text/html")

    @blueprint.post("/session/refresh")
    def refresh() -> BaseResponse:
        claims = refresh_claims(request.cookies.get(session_cookies.REFRESH, ""))
        session_cookies.require_proof(claims)
        _claim(claims["jti"])
        return _with_session(
            Response(status=204), authentication.refresh(claims, address=request.remote_addr)
        )

    @blueprint.post("/session/end")
    def sign_out() -> BaseResponse:
        response = Response(status=204)
        session_cookies.forget(response)
        claims = access_claims()
        authentication.logout(authentication.principal_of_token(claims), claims["exp"])
        return response

    return blueprint


@limit_logins
def _signed_in() -> Grant:
    _require_own_form()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    return authentication.login(email, password, address=request.remote_addr)[1]


def _require_own_form() -> None:
    """Refuse forms of other sites, which could sign a person in as somebody else."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("Sign in on the page itself.", code="csrf_failed")


def _come_back() -> BaseResponse:
    """Refresh the session of somebody who was away and show the page again; else lead to the sign-in."""
    here = request.full_path.rstrip("?")
    again = redirect(here, 303)
    try:
        claims = refresh_claims(request.cookies.get(session_cookies.REFRESH, ""))
        _claim(claims["jti"])
        return _with_session(again, authentication.refresh(claims, address=request.remote_addr))
    except Conflict:
        time.sleep(WAIT_FOR_OTHER_SECONDS)
        return again
    except Exception as error:
        log.info("signed_out", why=type(error).__name__)
        response = redirect(f"{SIGN_IN}?next={quote(here, safe='/')}", 303)
        session_cookies.forget(response)
        return response


def _claim(token_id: str) -> None:
    """Be the one that exchanges this refresh token: a second one would end the session as a thief's.

    Raises:
        Conflict: another tab is about to; the browser has its cookies in a moment.
    """
    if not cache.client.set(f"siprems:refresh:{token_id}", b"1", nx=True, ex=CLAIM_SECONDS):
        raise Conflict("Another tab has refreshed this session.", code="refreshed_elsewhere")


def _with_session(response: BaseResponse, grant: Grant) -> BaseResponse:
    session_cookies.keep(response, signed(grant), grant.family_id)
    return response


def _own_path(wanted: str | None) -> str:
    """A page of the dashboard, and never another site."""
    inside = wanted is not None and wanted.startswith(f"{DASHBOARD}/") and "\\" not in wanted
    return wanted if inside and wanted is not None else f"{DASHBOARD}/"

"""Signing in and out of the dashboard, and coming back after a while."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import Database
from siprems_backend.routes import session_cookies
from siprems_backend.services import authentication

EMAIL, PASSWORD = "owner@example.com", "a long enough password"
SIGN_IN = "/app/sign-in"


@pytest.fixture
def account(database: Database) -> str:
    authentication.register(EMAIL, "The owner", PASSWORD)
    return EMAIL


@pytest.fixture
def signed_in(client: FlaskClient, account: str) -> FlaskClient:
    response = client.post(SIGN_IN, data={"email": account, "password": PASSWORD, "next": "/app/tasks"})
    assert (response.status_code, response.headers["Location"]) == (303, "/app/tasks")
    client.environ_base["HTTP_X_CSRFTOKEN"] = cookie(client, session_cookies.CSRF, "/app")
    return client


def cookie(client: FlaskClient, name: str, path: str) -> str:
    found = client.get_cookie(name, path=path)
    assert found is not None
    return found.value


def let_access_end(app: Flask, client: FlaskClient) -> None:
    """The browser was away for longer than an access token lives."""
    with app.app_context():
        ended = create_access_token("1", expires_delta=dt.timedelta(seconds=-1))
    client.set_cookie(session_cookies.ACCESS, ended)


def test_tokens_are_out_of_reach_of_scripts(client: FlaskClient, account: str) -> None:
    response = client.post(SIGN_IN, data={"email": account, "password": PASSWORD})
    cookies = {line.split("=")[0]: line for line in response.headers.getlist("Set-Cookie")}
    for name in (session_cookies.ACCESS, session_cookies.REFRESH):
        assert "HttpOnly" in cookies[name]
    assert "HttpOnly" not in cookies[session_cookies.CSRF]
    assert all("SameSite=Lax" in line for line in cookies.values())
    secure = client.post(
        SIGN_IN, data={"email": account, "password": PASSWORD}, base_url="https://localhost"
    ).headers.getlist("Set-Cookie")
    assert all("Secure" in line for line in secure)


def test_a_wrong_password_is_told_on_the_page(client: FlaskClient, account: str) -> None:
    response = client.post(SIGN_IN, data={"email": account, "password": "wrong", "next": "/app/tasks"})
    page = response.get_data(as_text=True)
    assert response.status_code == 401
    assert "E-mail or password is wrong." in page
    assert f'value="{account}"' in page
    assert 'value="/app/tasks"' in page
    assert not response.headers.getlist("Set-Cookie")


def test_the_page_speaks_the_language_of_the_browser(client: FlaskClient) -> None:
    page = client.get(SIGN_IN, headers={"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"}).get_data(as_text=True)
    assert '<html lang="id"' in page
    assert "Kata sandi" in page


def test_what_a_person_wrote_is_not_taken_for_a_page(client: FlaskClient, account: str) -> None:
    response = client.post(SIGN_IN, data={"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>alert" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/docs", "/app/\\evil", "javascript:alert(1)", ""],
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, account: str, following: str) -> None:
    response = client.post(SIGN_IN, data={"email": account, "password": PASSWORD, "next": following})
    assert response.headers["Location"] == "/app/"


def test_forms_of_other_sites_are_refused(client: FlaskClient, account: str) -> None:
    headers = {"Origin": "https://evil.example"}
    response = client.post(SIGN_IN, data={"email": account, "password": PASSWORD}, headers=headers)
    assert response.status_code == 403
    assert not response.headers.getlist("Set-Cookie")


def test_attempts_are_limited_as_those_of_the_api(client: FlaskClient, account: str, app: Flask) -> None:
    allowed = app.config["SETTINGS"].login_attempts_per_minute
    answers = [client.post(SIGN_IN, data={"email": account, "password": "wrong"}) for _ in range(allowed + 1)]
    assert [answer.status_code for answer in answers] == [401] * allowed + [429]
    assert "Too many attempts" in answers[-1].get_data(as_text=True)


def test_the_session_opens_pages_and_the_api(signed_in: FlaskClient) -> None:
    assert signed_in.get("/app/tasks").status_code == 200
    assert signed_in.get("/api/v1/auth/profile").get_json()["email"] == EMAIL


def test_a_session_is_renewed_by_its_page(signed_in: FlaskClient, app: Flask) -> None:
    before = cookie(signed_in, session_cookies.REFRESH, "/app")
    let_access_end(app, signed_in)
    assert signed_in.get("/app/_dash-layout").status_code == 401
    assert signed_in.post("/app/session/refresh").status_code == 204
    assert cookie(signed_in, session_cookies.REFRESH, "/app") != before
    assert signed_in.get("/app/_dash-layout").status_code == 200


def test_renewing_needs_the_proof(signed_in: FlaskClient) -> None:
    del signed_in.environ_base["HTTP_X_CSRFTOKEN"]
    assert signed_in.post("/app/session/refresh").status_code == 403
    assert signed_in.post("/app/session/end").status_code == 403


def test_a_second_tab_does_not_end_the_session(signed_in: FlaskClient, app: Flask) -> None:
    used = cookie(signed_in, session_cookies.REFRESH, "/app")
    assert signed_in.post("/app/session/refresh").status_code == 204
    fresh = cookie(signed_in, session_cookies.REFRESH, "/app")
    signed_in.set_cookie(session_cookies.REFRESH, used, path="/app")
    assert signed_in.post("/app/session/refresh").status_code == 409
    signed_in.set_cookie(session_cookies.REFRESH, fresh, path="/app")
    assert signed_in.post("/app/session/refresh").status_code == 204


def test_a_token_used_again_later_ends_the_session(signed_in: FlaskClient, database: Database) -> None:
    used = cookie(signed_in, session_cookies.REFRESH, "/app")
    assert signed_in.post("/app/session/refresh").status_code == 204
    cache.client.flushall()
    signed_in.set_cookie(session_cookies.REFRESH, used, path="/app")
    assert signed_in.post("/app/session/refresh").status_code == 401
    assert signed_in.get("/app/_dash-layout").status_code == 401


def test_who_was_away_comes_back_where_they_were(signed_in: FlaskClient, app: Flask) -> None:
    let_access_end(app, signed_in)
    response = signed_in.get("/app/tasks?view=history")
    assert (response.status_code, response.headers["Location"]) == (303, "/app/tasks?view=history")
    assert signed_in.get("/app/tasks?view=history").status_code == 200


def test_strangers_are_led_to_the_sign_in_and_back(client: FlaskClient) -> None:
    response = client.get("/app/tasks?view=history")
    assert response.headers["Location"] == "/app/sign-in?next=/app/tasks%3Fview%3Dhistory"


def test_signing_out_ends_the_session(signed_in: FlaskClient) -> None:
    access = cookie(signed_in, session_cookies.ACCESS, "/")
    assert signed_in.post("/app/session/end").status_code == 204
    assert signed_in.get_cookie(session_cookies.ACCESS) is None
    signed_in.set_cookie(session_cookies.ACCESS, access)
    assert signed_in.get("/app/_dash-layout").status_code == 401


def test_the_address_without_a_path_leads_to_the_dashboard(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/app/"

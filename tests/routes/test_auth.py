"""Accounts, sessions and API keys over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token, create_refresh_token

from siprems_backend.utils.roles import Role
from tests.services.accounts import PASSWORD, make_account

ANN = {"email": "ann@example.com", "full_name": "Änn Ünïcödé 安", "password": PASSWORD}
CREDENTIALS = {"email": "ANN@example.com", "password": PASSWORD}


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def session(client: FlaskClient) -> dict[str, Any]:
    """The answer to a login."""
    make_account()
    answer: dict[str, Any] = client.post("/auth/login", json=CREDENTIALS).json
    return answer


def code(response: Any) -> tuple[int, str]:
    """(status, error code), after a look at the shape."""
    assert response.json["message"] == response.json["error"]["message"]
    return response.status_code, response.json["error"]["code"]


@pytest.mark.parametrize("prefix", ["/auth", "/api/v1/auth"])
def test_from_registration_to_logout(client: FlaskClient, prefix: str) -> None:
    registered = client.post(f"{prefix}/register", json=ANN)
    assert registered.status_code == 201
    assert set(registered.json) == {"message", "user"}
    user = registered.json["user"]
    assert set(user) == {"id", "email", "full_name", "role", "is_active", "created_at", "last_login_at"}
    assert (user["email"], user["full_name"], user["role"]) == (ANN["email"], ANN["full_name"], "admin")

    signed_in = client.post(f"{prefix}/login", json=CREDENTIALS)
    assert signed_in.status_code == 200
    assert set(signed_in.json) == {"access_token", "refresh_token", "user"}
    headers = bearer(signed_in.json["access_token"])
    profile = client.get(f"{prefix}/profile", headers=headers)
    assert profile.json == signed_in.json["user"]
    assert profile.json["last_login_at"].endswith("Z")

    assert client.post(f"{prefix}/logout", headers=headers).status_code == 200
    assert code(client.get(f"{prefix}/profile", headers=headers)) == (401, "token_revoked")
    refreshed = client.post(f"{prefix}/refresh", headers=bearer(signed_in.json["refresh_token"]))
    assert code(refreshed) == (401, "token_revoked")


def test_the_second_account_starts_low(client: FlaskClient) -> None:
    make_account("admin@example.com", Role.ADMIN)
    assert client.post("/auth/register", json=ANN).json["user"]["role"] == "viewer"
    assert code(client.post("/auth/register", json=ANN)) == (409, "email_taken")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"email": "ann"}, 422),
        ({"email": 5}, 422),
        ({"email": None}, 422),
        ({"email": "x" * 5000 + "@example.com"}, 422),
        ({"full_name": ""}, 422),
        ({"full_name": "nul\0"}, 422),
        ({"full_name": ["Ann"]}, 422),
        ({"password": "short"}, 422),
        ({"password": "x" * 201}, 422),
        ({"password": "ann@example.com"}, 422),
        ({"password": "nul\0nul\0nul\0"}, 422),
        ({"role": "admin"}, 422),
        ({"is_active": True}, 422),
    ],
)
def test_bad_registrations(client: FlaskClient, changed: dict[str, Any], status: int) -> None:
    response = client.post("/auth/register", json={**ANN, **changed})
    assert response.status_code == status
    assert response.json["error"]["fields"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b"email=ann", "application/x-www-form-urlencoded", 415),
        (b'{"email": NaN, "password": 1e999}', "application/json", 400),
        (b'{"email": "\\ud800@example.com", "password": "\\ud800"}', "application/json", 400),
    ],
)
def test_bodies_that_are_none(client: FlaskClient, body: bytes, kind: str, status: int) -> None:
    response = client.post("/auth/login", data=body, content_type=kind)
    assert (response.status_code, "error" in response.json) == (status, True)


def test_a_wrong_password(client: FlaskClient, session: dict[str, Any]) -> None:
    response = client.post("/auth/login", json={**CREDENTIALS, "password": "wrong horse"})
    assert code(response) == (401, "invalid_credentials")
    assert response.headers["WWW-Authenticate"] == "Bearer"


class TestRefresh:
    def test_by_header_and_by_body(self, client: FlaskClient, session: dict[str, Any]) -> None:
        by_header = client.post("/auth/refresh", headers=bearer(session["refresh_token"]))
        assert (by_header.status_code, set(by_header.json)) == (200, {"access_token", "refresh_token"})
        by_body = client.post(
            "/auth/refresh",
            json={"refresh_token": by_header.json["refresh_token"]},
            # Clients send their access token with everything; the token in the body is the one meant.
            headers=bearer(session["access_token"]),
        )
        assert by_body.status_code == 200
        assert client.get("/auth/profile", headers=bearer(by_body.json["access_token"])).status_code == 200

    def test_twice_ends_the_session(self, client: FlaskClient, session: dict[str, Any]) -> None:
        following = client.post("/auth/refresh", headers=bearer(session["refresh_token"])).json
        again = client.post("/auth/refresh", headers=bearer(session["refresh_token"]))
        assert code(again) == (401, "token_revoked")
        for token in (session["access_token"], following["access_token"]):
            assert code(client.get("/auth/profile", headers=bearer(token))) == (401, "token_revoked")

    @pytest.mark.parametrize("token", ["", "x" * 5000, 5, None, "☃", "a.b.c"])
    def test_what_is_no_token(self, client: FlaskClient, token: Any) -> None:
        assert client.post("/auth/refresh", json={"refresh_token": token}).status_code in {401, 422}

    def test_without_any(self, client: FlaskClient) -> None:
        assert code(client.post("/auth/refresh")) == (401, "token_missing")

    def test_an_access_token(self, client: FlaskClient, session: dict[str, Any]) -> None:
        wrong = session["access_token"]
        for answer in (
            client.post("/auth/refresh", headers=bearer(wrong)),
            client.post("/auth/refresh", json={"refresh_token": wrong}),
        ):
            assert code(answer) == (401, "token_wrong_kind")


class TestBadTokens:
    def test_a_refresh_token_opens_nothing(self, client: FlaskClient, session: dict[str, Any]) -> None:
        response = client.get("/auth/profile", headers=bearer(session["refresh_token"]))
        assert code(response) == (401, "token_wrong_kind")

    def test_expired(self, app: Flask, client: FlaskClient) -> None:
        past = timedelta(seconds=-1)
        with app.app_context():
            access = create_access_token("1", expires_delta=past)
            refresh = create_refresh_token("1", expires_delta=past)
        assert code(client.get("/auth/profile", headers=bearer(access))) == (401, "token_expired")
        assert code(client.post("/auth/refresh", headers=bearer(refresh))) == (401, "token_expired")
        in_body = client.post("/auth/refresh", json={"refresh_token": refresh})
        assert code(in_body) == (401, "token_expired")

    def test_that_expires_between_two_calls(
        self, app: Flask, client: FlaskClient, session: dict[str, Any]
    ) -> None:
        claims = jwt.decode(session["access_token"], options={"verify_signature": False})
        family = {"fam": claims["fam"]}
        with app.app_context():
            token = create_access_token(
                claims["sub"], additional_claims=family, expires_delta=timedelta(seconds=2)
            )
        answers = [client.get("/auth/profile", headers=bearer(token))]
        deadline = time.monotonic() + 30
        while answers[-1].status_code == 200 and time.monotonic() < deadline:
            answers.append(client.get("/auth/profile", headers=bearer(token)))
        assert answers[0].status_code == 200
        assert code(answers[-1]) == (401, "token_expired")

    def test_that_differs_from_a_known_one(self, client: FlaskClient, session: dict[str, Any]) -> None:
        token = session["access_token"]
        assert client.get("/auth/profile", headers=bearer(token)).status_code == 200
        head, claims, signature = token.split(".")
        for other in (
            f"{head}.{claims}.{signature[::-1]}",
            f"{head}.{claims}x.{signature}",
            f"{head}.{claims}.",
        ):
            assert code(client.get("/auth/profile", headers=bearer(other))) == (401, "token_invalid")

    def test_signed_by_others(self, app: Flask, client: FlaskClient, session: dict[str, Any]) -> None:
        claims = jwt.decode(session["access_token"], options={"verify_signature": False})
        unsigned = jwt.encode(claims, None, algorithm="none")
        forged = jwt.encode(claims, "another key, long enough for SHA-256", algorithm="HS256")
        longer = jwt.encode(claims, app.config["JWT_SECRET_KEY"] * 2, algorithm="HS512")
        for token in (unsigned, forged, longer, session["access_token"][:-2]):
            assert code(client.get("/auth/profile", headers=bearer(token))) == (401, "token_invalid")

    def test_signed_by_us_without_a_session(self, app: Flask, client: FlaskClient) -> None:
        user = make_account()
        with app.app_context():
            tokens = [create_access_token(str(user.id)), create_access_token("ann")]
        for token in tokens:
            assert code(client.get("/auth/profile", headers=bearer(token))) == (401, "token_invalid")

    @pytest.mark.parametrize(
        "value", ["", "Bearer", "Bearer ", "Bearer a b", "bearer x", "\xe9", "Bearer \xe9"]
    )
    def test_headers(self, client: FlaskClient, value: str) -> None:
        response = client.get("/auth/profile", headers={"Authorization": value})
        assert response.status_code == 401
        assert response.json["error"]["code"] in {"token_missing", "token_invalid"}
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_changing_the_password(client: FlaskClient, session: dict[str, Any]) -> None:
    other = client.post("/auth/login", json=CREDENTIALS).json
    headers = bearer(session["access_token"])
    body = {"current_password": PASSWORD, "new_password": "another horse"}
    wrong = client.put("/auth/password", json={**body, "current_password": "x"}, headers=headers)
    assert code(wrong) == (422, "wrong_password")
    changed = client.put("/auth/password", json=body, headers=headers)
    assert (changed.status_code, changed.json["sessions_ended"]) == (200, 1)
    assert client.get("/auth/profile", headers=headers).status_code == 200
    assert code(client.get("/auth/profile", headers=bearer(other["access_token"]))) == (401, "token_revoked")
    assert client.post("/auth/refresh", headers=bearer(other["refresh_token"])).status_code == 401
    assert client.post("/auth/refresh", headers=bearer(session["refresh_token"])).status_code == 200
    assert code(client.post("/auth/login", json=CREDENTIALS)) == (401, "invalid_credentials")


class TestApiKeys:
    def test_from_making_to_revoking(
        self, client: FlaskClient, as_role: Callable[[Role], FlaskClient]
    ) -> None:
        admin = as_role(Role.ADMIN)
        made = admin.post("/auth/api-keys", json={"name": "till", "role": "viewer"})
        assert made.status_code == 201
        key = {"X-API-Key": made.json["key"]}
        assert client.get("/auth/profile", headers=key).status_code == 200
        assert code(client.get("/api/v1/users", headers=key)) == (403, "role_too_low")
        listed = admin.get("/auth/api-keys").json
        assert (listed["total"], listed["items"][0]["last_used_at"] is not None) == (1, True)
        assert made.json["key"] not in str(listed)
        revoked = admin.delete(f"/auth/api-keys/{made.json['id']}")
        assert (revoked.status_code, revoked.data) == (204, b"")
        assert code(client.get("/auth/profile", headers=key)) == (401, "api_key_invalid")

    def test_a_key_wins_over_a_token(self, client: FlaskClient, session: dict[str, Any]) -> None:
        headers = {**bearer(session["access_token"]), "X-API-Key": "spk_unknown"}
        assert code(client.get("/auth/profile", headers=headers)) == (401, "api_key_invalid")

    def test_what_only_persons_may(self, client: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
        key = as_role(Role.ADMIN).post("/auth/api-keys", json={"name": "till", "role": "admin"}).json["key"]
        headers = {"X-API-Key": key}
        body = {"current_password": "x", "new_password": "another horse"}
        for answer in (
            client.post("/auth/api-keys", json={"name": "more"}, headers=headers),
            client.delete("/auth/api-keys/1", headers=headers),
            client.put("/auth/password", json=body, headers=headers),
            client.post("/auth/logout", headers=headers),
        ):
            assert code(answer) == (403, "person_required")

    def test_everybodys_are_for_admins(self, as_role: Callable[[Role], FlaskClient]) -> None:
        as_role(Role.VIEWER).post("/auth/api-keys", json={"name": "till"})
        assert as_role(Role.ADMIN).get("/auth/api-keys?all=true").json["total"] == 1
        assert as_role(Role.ADMIN).get("/auth/api-keys").json["total"] == 0
        assert code(as_role(Role.OPERATOR).get("/auth/api-keys?all=true")) == (403, "role_too_low")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": "a\0"},
            {"name": "till", "role": "god"},
            {"name": "till", "role": None},
            {"name": "till", "expires_at": "tomorrow"},
            {"name": "till", "expires_at": "0001-01-01T00:00:00+14:00"},
            {"name": "till", "expires_at": "9999-12-31T23:59:59-14:00"},
            {"name": "till", "expires_at": 5},
            {"name": "till", "key": "mine"},
        ],
    )
    def test_bad_bodies(self, as_role: Callable[[Role], FlaskClient], body: dict[str, Any]) -> None:
        assert as_role(Role.CLERK).post("/auth/api-keys", json=body).status_code in {400, 422}

    def test_a_role_above_the_owners(self, as_role: Callable[[Role], FlaskClient]) -> None:
        response = as_role(Role.CLERK).post("/auth/api-keys", json={"name": "till", "role": "admin"})
        assert code(response) == (403, "role_too_low")

    @pytest.mark.parametrize("key_id", ["0", "999", "9" * 40])
    def test_revoking_what_is_not_there(self, as_role: Callable[[Role], FlaskClient], key_id: str) -> None:
        response = as_role(Role.CLERK).delete(f"/auth/api-keys/{key_id}")
        assert code(response) == (404, "api_key_not_found")

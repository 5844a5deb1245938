"""What no document describes: whatever arrives, it is refused in the one shape of errors."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siprems_backend.extensions.database import Database
from siprems_backend.routes.aliases import CANONICAL
from siprems_backend.utils.roles import Role
from tests import factories

TEXTS = ["%00", "a%00b", "%ff%fe", "%ED%A0%80", "x" * 5000, "9" * 30, "9" * 5000, "-1", "..", "%E2%80%A8"]
BODIES = [
    b'{"\\ud800": 1}',
    b'{"name": "\\udc00"}',
    b'{"name": NaN}',
    b"[" * 100_000,
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
    b'{"days": ' + b"9" * 5000 + b"}",
    b"\xff",
    b"\xef\xbb\xbf{}",
]
MOMENTS = ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00%2B23:59"]
VALUES = [*TEXTS, *MOMENTS, "", "0", "-0", "1.5", "NaN", "1e400", "0001-01-01", "9999-12-31", "%25", "_"]
# Asking the workers takes a second each time, and neither takes anything from the request.
SLOW = re.compile(r"/celery/|/auth/logout")


@pytest.fixture
def client(as_role: Callable[[Role], FlaskClient], database: Database) -> FlaskClient:
    factories.make_product(database, "BRD-001", price=2)
    return as_role(Role.ADMIN)


def token_of(client: FlaskClient) -> str:
    return client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")


def paths(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path with its placeholders) of every canonical route."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(CANONICAL) and not SLOW.search(rule.rule):
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield method, rule.rule


def is_orderly(answer: TestResponse) -> bool:
    """A success, or a refusal in the one shape."""
    if answer.status_code < 400:
        return True
    error = (answer.get_json(silent=True) or {}).get("error", {})
    return answer.status_code < 500 and {"code", "message"} <= set(error)


def test_texts_in_paths(app: Flask, client: FlaskClient) -> None:
    asked = [call for call in paths(app) if "<" in call[1]]
    assert len(asked) > 20
    for (method, path), text in itertools.product(asked, TEXTS):
        body: dict[str, Any] = {} if method in {"GET", "DELETE"} else {"json": {}}
        answer = client.open(re.sub(r"<[^<>]*>", text, path), method=method, **body)
        assert is_orderly(answer), (method, path, text[:40])


def test_bodies_that_are_no_json(app: Flask, client: FlaskClient) -> None:
    reading = {"POST", "PUT", "PATCH"}
    for (method, path), body in itertools.product(paths(app), BODIES):
        if method in reading and "<" not in path:
            answer = client.open(path, method=method, data=body, content_type="application/json")
            # Some read no body and work; whoever reads one refuses this one.
            assert answer.status_code in {202, 400, 415, 429}, (method, path, body[:20])
            assert is_orderly(answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_bodies_of_other_kinds_are_not_passed_over(client: FlaskClient, kind: str | None) -> None:
    answer = client.post("/predict", data=b'{"product_sku": "BRD-001"}', content_type=kind)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (415, "unsupported_media_type")


def test_values_in_queries(client: FlaskClient) -> None:
    asked = 0
    for path, methods in client.get("/openapi.json").get_json()["paths"].items():
        known = re.sub(r"\{[^{}]*\}", "1", path.replace("{sku}", "BRD-001"))
        for parameter in methods.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                asked += 1
                for value in VALUES:
                    answer = client.get(f"{known}?{parameter['name']}={value}")
                    assert is_orderly(answer), (path, parameter["name"], value[:40])
    assert asked > 30


@pytest.mark.parametrize("path", ["/products", "/tasks", "/events", "/api/v1/users", "/api/v1/imports"])
def test_unknown_parameters_are_named(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?surprise=1")
    assert answer.status_code == 422
    assert "surprise" in answer.get_json()["error"]["fields"]["query"]


@pytest.mark.parametrize("key", ["x" * 201, "a b", "a\tb", "é", ""])
def test_malformed_idempotency_keys(client: FlaskClient, key: str) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/tasks/training/product/BRD-001", {}),
        ("/tasks/training/all", {}),
        ("/predict/async", {"product_sku": "BRD-001"}),
        ("/predict/batch", {"product_skus": ["BRD-001"]}),
        ("/products", {"sku": "NEW"}),
    ]
    for path, body in calls:
        answer = client.post(path, json=body, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "invalid_idempotency_key")


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_forged_tokens(app: Flask, client: FlaskClient) -> None:
    good = token_of(client)
    header, claims, signature = good.split(".")
    content = jwt.decode(good, options={"verify_signature": False})
    own_key = app.config["JWT_SECRET_KEY"]
    forged = [
        f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}.",
        f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}.{signature}",
        f"{encoded({'alg': ['HS256']})}.{claims}.{signature}",
        f"{encoded([])}.{claims}.{signature}",
        f"{header}.{claims}.",
        f"{header}.{encoded({**content, 'sub': '2'})}.{signature}",
        jwt.encode(content, "another key, as long as the right one is", "HS256"),
        jwt.encode(content, own_key, "HS512"),
        jwt.encode({**content, "sub": "9" * 5000}, own_key),
        jwt.encode({**content, "sub": 1}, own_key),
        jwt.encode({**content, "jti": "x"}, own_key),
        jwt.encode({**content, "fam": None}, own_key),
        jwt.encode({**content, "type": "refresh"}, own_key),
        "é.é.é",
        "...",
        "null",
        "x" * 100_000,
    ]
    stranger = app.test_client()
    for token in forged:
        for call in ("/auth/profile", "/products"):
            answer = stranger.get(call, headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, is_orderly(answer)) == (401, True), token[:80]


def test_tokens_serve_their_own_purpose_only(app: Flask, client: FlaskClient) -> None:
    credentials = {"email": "ann@example.com", "password": "correct horse battery"}
    client.post("/auth/register", json={**credentials, "full_name": "Ann"})
    pair = client.post("/auth/login", json=credentials).get_json()
    stranger = app.test_client()
    refused = stranger.get("/auth/profile", headers={"Authorization": f"Bearer {pair['refresh_token']}"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (401, "token_wrong_kind")
    for sent in (
        {"json": {"refresh_token": pair["access_token"]}},
        {"headers": {"Authorization": f"Bearer {pair['access_token']}"}},
    ):
        answer = stranger.post("/auth/refresh", **sent)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "token_wrong_kind")


def test_odd_methods_hosts_and_headers(client: FlaskClient) -> None:
    for method in ("TRACE", "PROPFIND", "FOO", "PUT"):
        answer = client.open("/products", method=method)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (405, "method_not_allowed")
        assert "GET" in answer.headers["Allow"]
    assert client.head("/products").status_code == 200
    for host in ("a/b", "", "x" * 3000, "[::", "é", "a b"):
        assert is_orderly(client.get("/products", headers={"Host": host})), host
    for name in (
        "X-Request-ID",
        "X-API-Key",
        "Origin",
        "Accept",
        "Content-Type",
        "Range",
        "If-Modified-Since",
    ):
        for value in ("x" * 3000, " ", "é", "\x7f", "a\tb"):
            assert is_orderly(client.get("/products", headers={name: value})), (name, value)
            assert is_orderly(client.get("/docs/assets/swagger-ui.css", headers={name: value}))


def test_a_lowered_role_cannot_run_its_old_tasks_again(client: FlaskClient, app: Flask) -> None:
    analyst = factories.signed_in_client(app, Role.ANALYST)
    profile = analyst.get("/auth/profile").get_json()
    task = analyst.post("/tasks/training/product/BRD-001").get_json()["task_id"]
    assert analyst.post(f"/tasks/{task}/cancel").status_code == 200
    client.patch(f"/api/v1/users/{profile['id']}", json={"role": "viewer"})
    answer = analyst.post(f"/tasks/{task}/retry")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "role_too_low")
    assert analyst.get(f"/tasks/{task}").status_code == 200

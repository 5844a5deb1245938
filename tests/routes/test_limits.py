"""How often somebody may try, and what happens when nobody can count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.config import SettingsError, load_settings
from siprems_local.ports import choose
from tests.services.accounts import PASSWORD, make_account

LIMIT = 4
PER_ADDRESS = 5 * LIMIT


@pytest.fixture
def limited(app: Flask, client: FlaskClient) -> Iterator[FlaskClient]:
    """A client of an application with a low limit."""
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"login_attempts_per_minute": LIMIT})
    yield client
    app.config["SETTINGS"] = settings


def login(client: FlaskClient, email: str, address: str, password: str = "wrong horse") -> int:
    """The status of an attempt."""
    response = client.post(
        "/auth/login",
        json={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )
    return response.status_code


def test_an_account_from_many_addresses(limited: FlaskClient) -> None:
    make_account()
    spellings = ["ann@example.com", "ANN@example.com", " ann@Example.com ", "ａnn@example.com"]
    for number, spelling in enumerate(spellings):
        assert login(limited, spelling, f"192.0.2.{number}") == 401
    assert login(limited, "ann@example.com", "192.0.2.99", PASSWORD) == 429
    assert login(limited, "bob@example.com", "192.0.2.99") == 401


def test_many_accounts_from_one_address(limited: FlaskClient) -> None:
    for number in range(PER_ADDRESS):
        assert login(limited, f"user{number}@example.com", "192.0.2.1") == 401
    assert login(limited, "another@example.com", "192.0.2.1") == 429
    assert login(limited, "another@example.com", "192.0.2.2") == 401


def test_one_customer_has_all_of_an_ipv6_network(limited: FlaskClient) -> None:
    for number in range(PER_ADDRESS):
        login(limited, f"user{number}@example.com", f"2001:db8::{number:x}")
    assert login(limited, "another@example.com", "2001:db8::ffff") == 429
    assert login(limited, "another@example.com", "2001:db8:0:1::1") == 401


def test_the_refusal_says_when_to_come_back(limited: FlaskClient) -> None:
    for _ in range(LIMIT):
        login(limited, "ann@example.com", "192.0.2.1")
    response = limited.post("/auth/login", json={"email": "ann@example.com", "password": "x"})
    assert response.status_code == 429
    assert response.json["error"]["code"] == "too_many_requests"
    assert 1 <= int(response.headers["Retry-After"]) <= 62


def test_the_alias_counts_with_its_twin(limited: FlaskClient) -> None:
    for path in ["/auth/login", "/api/v1/auth/login"] * (LIMIT // 2):
        assert limited.post(path, json={"email": "ann@example.com", "password": "x"}).status_code == 401
    assert limited.post("/auth/login", json={"email": "ann@example.com", "password": "x"}).status_code == 429


def test_registrations_and_malformed_calls_count_too(limited: FlaskClient) -> None:
    statuses = [limited.post("/auth/register", json={}).status_code for _ in range(PER_ADDRESS + 1)]
    assert statuses == [422] * PER_ADDRESS + [429]
    statuses = [limited.post("/auth/login", json=["x"]).status_code for _ in range(LIMIT + 1)]
    assert statuses == [422] * LIMIT + [429]


def test_guesses_of_the_current_password(app: Flask, limited: FlaskClient) -> None:
    make_account()
    token = limited.post("/auth/login", json={"email": "ann@example.com", "password": PASSWORD}).json
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    body = {"current_password": "wrong horse", "new_password": "another horse"}
    statuses = [
        limited.put("/auth/password", json=body, headers=headers).status_code for _ in range(LIMIT + 1)
    ]
    assert statuses == [422] * LIMIT + [429]
    assert limited.get("/auth/profile", headers=headers).status_code == 200


@pytest.mark.parametrize("url", ["memory://", "memcached://localhost:11211", "async+redis://localhost"])
def test_counts_of_one_process_are_refused(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CACHE_URL", url)
    with pytest.raises(SettingsError, match="CACHE_URL must start with redis://"):
        load_settings()


WITHOUT_REDIS = """
import json, sys
from siprems_backend.app import create_app

client = create_app().test_client()
known = {"email": "ann@example.com", "password": "correct horse"}
answers = [
    client.post("/auth/login", json=known),
    client.post("/auth/register", json={**known, "email": "bob@example.com", "full_name": "Bob"}),
    client.get("/auth/profile", headers={"Authorization": "Bearer " + sys.argv[1]}),
]
codes = [answer.json.get("error", {}).get("code") for answer in answers]
print(json.dumps([[a.status_code, a.headers.get("Retry-After"), code] for a, code in zip(answers, codes)]))
"""


def test_without_redis_nobody_signs_in_and_sessions_go_on(app: Flask, limited: FlaskClient) -> None:
    """In a process of its own, because the limiter of this one keeps its connection."""
    make_account()
    answer = limited.post("/auth/login", json={"email": "ann@example.com", "password": PASSWORD}).json
    away = {**os.environ, "CACHE_URL": f"redis://127.0.0.1:{choose()}/2"}
    command = [sys.executable, "-c", WITHOUT_REDIS, answer["access_token"]]
    finished = subprocess.run(command, env=away, capture_output=True, text=True, check=True)
    refused = [503, "5", "broker_unavailable"]
    assert json.loads(finished.stdout.splitlines()[-1]) == [refused, refused, [200, None, None]]

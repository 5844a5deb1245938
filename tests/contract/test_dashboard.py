"""The dashboard lets nobody in by accident, and speaks both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend import dashboard
from siprems_backend.dashboard.language.choice import LANGUAGES
from siprems_backend.dashboard.language.messages import PLURAL, SINGULAR, catalogue
from siprems_backend.services.imports import ImportKind
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import Queue
from siprems_backend.utils.roles import Role
from tests.contract.test_guards import path_of
from tests.dashboard.calling import UPDATE, body_of, browser, callbacks_of

OPEN = re.compile(r"/app/(assets/|_dash-component-suites/|_favicon\.ico|sign-in|session/)")
SOURCE = Path(dashboard.__file__).parent
ASKED = re.compile(r"""\bsay\(\s*"([^"{}]+)\"""")


def test_every_address_of_the_dashboard_needs_a_session(app: Flask, client: FlaskClient) -> None:
    answers = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/app") and not OPEN.match(rule.rule):
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                response = client.open(path_of(rule), method=method, json={})
                answers[rule.rule, method] = (response.status_code, response.headers.get("Location", "")[:12])
    refused = {(401, ""), (303, "/app/sign-in")}
    assert {call: got for call, got in answers.items() if got not in refused} == {}
    assert answers[UPDATE, "POST"] == (401, "")
    assert len(answers) > 5


def test_every_callback_declares_its_role(app: Flask) -> None:
    callbacks = callbacks_of(app)
    served = {name for name, entry in callbacks.application.callback_map.items() if "callback" in entry}
    assert served == set(callbacks.roles)
    assert len(served) > 5


def test_every_callback_refuses_a_lower_role(app: Flask, database: object) -> None:
    lower = {name: role for name, role in callbacks_of(app).roles.items() if role is not Role.VIEWER}
    viewer = browser(app, Role.VIEWER)
    answers = {name: viewer.post(UPDATE, json=body_of(app, name, {})) for name in lower}
    for name, response in answers.items():
        assert response.status_code == 200, name
        assert "Your role does not allow this." in response.get_data(as_text=True), name
        assert not response.get_json().get("response"), name
    assert answers


def test_a_change_needs_the_proof_that_it_comes_from_our_pages(app: Flask, database: object) -> None:
    client = browser(app, Role.ADMIN)
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    assert client.get("/app/_dash-layout").status_code == 200
    response = client.post(UPDATE, json={})
    assert (response.status_code, response.get_json()["error"]["code"]) == (403, "csrf_failed")
    assert client.post("/api/v1/tasks/training/all").status_code == 403


def test_scripts_come_from_our_own_files_only(app: Flask, database: object) -> None:
    response = browser(app, Role.VIEWER).get("/app/tasks")
    policy = response.headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert re.fullmatch(r"script-src 'self'( 'sha256-[^']+')+", scripts)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', response.get_data(as_text=True))
    assert [address for address in addresses if not address.startswith("/app/")] == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_both_languages_have_all_messages(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert set(english) ^ set(other) == set()
    fields = {key: _fields(text) for key, text in english.items()}
    assert {key: _fields(text) for key, text in other.items()} == fields
    assert [key for key, text in other.items() if not text.strip()] == []


def test_every_message_asked_for_exists() -> None:
    asked = {key for file in SOURCE.rglob("*.py") for key in ASKED.findall(file.read_text())}
    known = catalogue("en")
    assert [key for key in sorted(asked) if key not in known and key + SINGULAR not in known] == []
    assert [
        key for key in known if key.endswith(SINGULAR) and key[: -len(SINGULAR)] + PLURAL not in known
    ] == []
    assert len(asked) > 50


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_what_is_named_by_the_services_has_words() -> None:
    known = catalogue("en")
    names = [
        *(f"data.kind.{kind}" for kind in ImportKind),
        *(f"queue.{queue}" for queue in Queue),
        *(f"status.{status}" for status in states.ALL),
        *(f"role.{role}" for role in Role),
    ]
    assert [name for name in names if name not in known] == []

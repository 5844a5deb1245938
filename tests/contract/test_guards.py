"""No route is open by accident, and none to a role that is too low."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from siprems_backend.routes import RESOURCES
from siprems_backend.routes.aliases import CANONICAL, alias_paths
from siprems_backend.routes.guards import LEAST_ROLES, least_role_of_view
from siprems_backend.utils.roles import Role

# Everything that answers without credentials: signing in, liveness, documentation, and metrics, which have
# a token of their own. What the dashboard answers is tested in test_dashboard.
PUBLIC = re.compile(
    r"(/api/v1)?/auth/(register|login|refresh)|(/api/v1)?/health(/.*)?|/openapi\.json|/|/docs(/.*)?|/metrics|/app(/.*)?"
)
SAMPLES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000"}
PLACEHOLDER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")
# Checks of routes must not depend on what they would answer: each gets an empty document.
NOTHING: dict[str, object] = {}


def path_of(rule: Rule) -> str:
    """A path that the rule matches."""
    return PLACEHOLDER.sub(lambda found: SAMPLES.get(found[1], "X"), rule.rule)


def calls(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every (rule, method) that is not public."""
    for rule in app.url_map.iter_rules():
        if not PUBLIC.fullmatch(rule.rule):
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule, method


def needed_role(app: Flask, rule: Rule) -> Role:
    """The higher of the blueprint's and the route's role."""
    with app.app_context():
        return max(
            LEAST_ROLES[rule.endpoint.split(".")[0]],
            least_role_of_view(rule.endpoint),
            key=list(Role).index,
        )


def answer(client: FlaskClient, rule: Rule, method: str, **headers: str) -> tuple[int, str]:
    """(status, error code) of a call; HEAD has no code."""
    response = client.open(path_of(rule), method=method, json=NOTHING, headers=headers)
    return response.status_code, "" if method == "HEAD" else (response.json or {})["error"]["code"]


def test_every_route_needs_credentials(app: Flask, client: FlaskClient) -> None:
    answers = {(rule.rule, method): answer(client, rule, method) for rule, method in calls(app)}
    refused = {(401, "token_missing"), (401, "")}
    assert {call: got for call, got in answers.items() if got not in refused} == {}
    assert len(answers) > 20


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": "Bearer x.y.z"}, "token_invalid"),
        ({"Authorization": "Basic eDp5"}, "token_missing"),
        ({"X-API-Key": "spk_unknown"}, "api_key_invalid"),
    ],
)
def test_every_route_refuses_bad_credentials(
    app: Flask, client: FlaskClient, headers: dict[str, str], code: str
) -> None:
    answers = {(rule.rule, method): answer(client, rule, method, **headers) for rule, method in calls(app)}
    assert {call: got for call, got in answers.items() if got not in {(401, code), (401, "")}} == {}


def test_every_route_refuses_a_lower_role(app: Flask, as_role: Callable[[Role], FlaskClient]) -> None:
    clients = {role: as_role(role) for role in Role}
    answers = {}
    for rule, method in calls(app):
        lower = list(Role)[: list(Role).index(needed_role(app, rule))]
        for role in lower:
            answers[rule.rule, method, role] = answer(clients[role], rule, method)
    refused = {(403, "role_too_low"), (403, "")}
    assert {call: got for call, got in answers.items() if got not in refused} == {}
    assert {role for _, _, role in answers} == {Role.VIEWER, Role.CLERK, Role.ANALYST, Role.OPERATOR}


def test_every_resource_declares_its_role() -> None:
    open_ones = {"health", "metrics"}
    assert {resource.blueprint.name for resource in RESOURCES} - open_ones <= set(LEAST_ROLES)


def test_what_is_public_is_meant_to_be(app: Flask, client: FlaskClient) -> None:
    public = {rule.rule for rule in app.url_map.iter_rules() if PUBLIC.fullmatch(rule.rule)}
    assert {"/api/v1/auth/login", "/auth/login", "/openapi.json", "/docs"} <= public
    for path in ("/api/v1/auth/register", "/api/v1/auth/login", "/auth/login", "/auth/register"):
        assert client.post(path, json=NOTHING).status_code == 422
    assert client.get("/openapi.json").status_code == 200


def test_every_alias_leads_to_the_view_of_its_twin(app: Flask) -> None:
    by_path: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        by_path.update({(rule.rule, method): rule.endpoint for method in rule.methods or ()})
    canonical = {call: endpoint for call, endpoint in by_path.items() if call[0].startswith(CANONICAL)}
    pairs = [
        ((alias, method), endpoint)
        for (path, method), endpoint in canonical.items()
        for alias in alias_paths(path)
    ]
    assert [(call, by_path.get(call)) for call, endpoint in pairs if by_path.get(call) != endpoint] == []


def test_browsers_may_ask_for_the_methods_without_credentials(app: Flask, client: FlaskClient) -> None:
    for rule, _ in calls(app):
        response = client.options(path_of(rule))
        assert (rule.rule, response.status_code, response.data) == (rule.rule, 200, b"")

"""Paths without the canonical prefix answer as their twins: the same rule set, the same views."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.routes.aliases import ALIASES, CANONICAL
from siprems_backend.utils.roles import Role

# What existing clients call, and the canonical path of each.
KNOWN = [
    ("POST", "/predict", "/api/v1/predict"),
    ("POST", "/predict/async", "/api/v1/predict/async"),
    ("POST", "/predict/batch", "/api/v1/predict/batch"),
    ("GET", "/predict/task/{id}", "/api/v1/predict/task/{id}"),
    ("GET", "/tasks", "/api/v1/tasks"),
    ("GET", "/tasks/active", "/api/v1/tasks/active"),
    ("GET", "/tasks/scheduled", "/api/v1/tasks/scheduled"),
    ("GET", "/tasks/statistics/overview", "/api/v1/tasks/statistics/overview"),
    ("GET", "/tasks/celery/status", "/api/v1/tasks/celery/status"),
    ("POST", "/tasks/training/product/A%2FB", "/api/v1/tasks/training/product/A%2FB"),
    ("POST", "/tasks/training/all", "/api/v1/tasks/training/all"),
    ("GET", "/tasks/{id}", "/api/v1/tasks/{id}"),
    ("GET", "/tasks/{id}/status", "/api/v1/tasks/{id}/status"),
    ("GET", "/task/{id}/status", "/api/v1/tasks/{id}/status"),
    ("GET", "/task/{id}/result", "/api/v1/tasks/{id}/result"),
    ("GET", "/tasks/{id}/logs", "/api/v1/tasks/{id}/logs"),
    ("POST", "/tasks/{id}/cancel", "/api/v1/tasks/{id}/cancel"),
    ("DELETE", "/tasks/{id}", "/api/v1/tasks/{id}"),
    ("POST", "/tasks/{id}/retry", "/api/v1/tasks/{id}/retry"),
    ("GET", "/celery/health", "/api/v1/celery/health"),
    ("GET", "/celery/workers", "/api/v1/celery/workers"),
    ("GET", "/celery/tasks", "/api/v1/celery/tasks"),
    ("GET", "/api/celery/health", "/api/v1/celery/health"),
    ("POST", "/auth/login", "/api/v1/auth/login"),
    ("POST", "/auth/register", "/api/v1/auth/register"),
    ("POST", "/auth/refresh", "/api/v1/auth/refresh"),
    ("POST", "/auth/logout", "/api/v1/auth/logout"),
    ("GET", "/auth/profile", "/api/v1/auth/profile"),
    ("GET", "/products", "/api/v1/products"),
    ("GET", "/products/stats", "/api/v1/products/stats"),
    ("GET", "/products/A%2FB", "/api/v1/products/A%2FB"),
    ("GET", "/products/A%2FB/forecast", "/api/v1/products/A%2FB/forecast"),
    ("GET", "/products/A%2FB/models", "/api/v1/products/A%2FB/models"),
    ("GET", "/transactions", "/api/v1/transactions"),
    ("POST", "/transactions/checkout", "/api/v1/transactions/checkout"),
    ("GET", "/events", "/api/v1/events"),
    ("POST", "/events/country-holidays", "/api/v1/events/country-holidays"),
]
UNKNOWN_TASK = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(("method", "alias", "canonical"), KNOWN)
def test_known_paths_lead_to_the_view_of_their_twin(
    app: Flask, method: str, alias: str, canonical: str
) -> None:
    adapter = app.url_map.bind("")
    found = [
        adapter.match(path.format(id=UNKNOWN_TASK).replace("%2F", "/"), method=method)
        for path in (alias, canonical)
    ]
    assert found[0] == found[1]


def test_every_canonical_rule_below_an_alias_has_its_twin(app: Flask) -> None:
    rules = {(rule.rule, frozenset(rule.methods or ())): rule.endpoint for rule in app.url_map.iter_rules()}
    twins = 0
    for (path, methods), endpoint in rules.items():
        for alias, prefix in ALIASES:
            whole = CANONICAL + prefix
            if path == whole or path.startswith(whole + "/"):
                assert rules[alias + path.removeprefix(whole), methods] == endpoint
                twins += 1
    assert twins > 50


def test_answers_are_the_same(as_role: Callable[[Role], FlaskClient]) -> None:
    client = as_role(Role.OPERATOR)
    for path in ("/tasks", "/tasks/active", "/products", f"/tasks/{UNKNOWN_TASK}"):
        alias, canonical = client.get(path), client.get(CANONICAL + path)
        assert (alias.status_code, alias.get_json()) == (canonical.status_code, canonical.get_json())

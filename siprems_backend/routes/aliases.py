"""Paths that clients use without the canonical prefix; each answers exactly as its twin."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

CANONICAL = "/api/v1"

# (alias prefix, canonical prefix below /api/v1): rules below the one are served below the other too.
ALIASES: tuple[tuple[str, str], ...] = (
    ("/predict", "/predict"),
    ("/tasks", "/tasks"),
    ("/task", "/tasks"),
    ("/train", "/train"),
    ("/celery", "/celery"),
    ("/auth", "/auth"),
    ("/products", "/products"),
    ("/categories", "/categories"),
    ("/shop", "/shop"),
    ("/transactions", "/transactions"),
    ("/events", "/events"),
    ("/promotions", "/promotions"),
    ("/accuracy", "/accuracy"),
    ("/ml", "/ml"),
    ("/api/run", "/run"),
    ("/api/tools", "/tools"),
    ("/api/celery", "/celery"),
)


def alias_paths(path: str) -> Iterator[str]:
    """Alias paths of a canonical path such as `/api/v1/tasks/active`."""
    if not path.startswith(CANONICAL + "/"):
        return
    below = path.removeprefix(CANONICAL)
    for alias, prefix in ALIASES:
        rest = below.removeprefix(prefix)
        if below.startswith(prefix) and (not rest or rest.startswith("/")):
            yield alias + rest


def register_aliases(app: Flask) -> None:
    """Add an alias rule beside every canonical rule; both lead to the same view."""
    for rule in list(app.url_map.iter_rules()):
        for path in alias_paths(rule.rule):
            alias = Rule(path, endpoint=rule.endpoint, methods=rule.methods, defaults=rule.defaults)
            # Flask's own mark; without it the view itself would have to answer OPTIONS.
            alias.provide_automatic_options = rule.provide_automatic_options  # type: ignore[attr-defined]
            app.url_map.add(alias)

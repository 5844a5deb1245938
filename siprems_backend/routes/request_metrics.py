"""Every request counted, by the template of its route: paths carry SKUs and ids, which have no end."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from siprems_backend.extensions.metrics import HTTP_DURATION, HTTP_IN_PROGRESS, HTTP_REQUESTS
from siprems_backend.routes.aliases import alias_paths

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
UNMATCHED = "unmatched"


def register_request_metrics(app: Flask) -> None:
    """Count before and after every request; registered first, so that nothing is left out of the time."""
    canonical: dict[str, str] = {}

    def route() -> str:
        """The template, an alias by that of its twin."""
        if request.url_rule is None:
            return UNMATCHED
        if not canonical:
            canonical.update(_by_path(app))
        return canonical.get(request.url_rule.rule, UNMATCHED)

    @app.before_request
    def begin() -> None:
        g.counted_from = time.perf_counter()
        HTTP_IN_PROGRESS.labels(_method()).inc()

    @app.after_request
    def end(response: Response) -> Response:
        method, template = _method(), route()
        HTTP_REQUESTS.labels(method, template, response.status_code).inc()
        if "counted_from" in g:
            HTTP_DURATION.labels(method, template).observe(time.perf_counter() - g.counted_from)
        return response

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if g.pop("counted_from", None) is not None:
            HTTP_IN_PROGRESS.labels(_method()).dec()


def _by_path(app: Flask) -> dict[str, str]:
    """The canonical template of every rule."""
    templates = [rule.rule for rule in app.url_map.iter_rules()]
    twins = {alias: template for template in templates for alias in alias_paths(template)}
    return {template: twins.get(template, template) for template in templates}


def _method() -> str:
    return request.method if request.method in METHODS else OTHER

"""The document says what the server does."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.routes.aliases import CANONICAL


def as_openapi(rule: str) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def test_every_canonical_route_is_documented_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    documented = {
        (path, method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "patch", "delete"}
    }
    served = {
        (as_openapi(rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(CANONICAL + "/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_operation_has_a_summary_and_a_known_error_shape(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            assert operation.get("summary"), (method, path)
            default = operation["responses"].get("default", {})
            assert default.get("$ref") == "#/components/responses/DEFAULT_ERROR", (method, path)
    assert "securitySchemes" in document["components"]


def test_references_resolve(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        if isinstance(node, list):
            return [found for value in node for found in references(value)]
        return []

    for reference in references(document):
        target: object = document
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[part]


def test_the_interactive_page_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/app/"
    page = client.get("/docs")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.get_data(as_text=True))
    assert sources
    for source in sources:
        assert source.startswith("/docs/")
        assert client.get(source).status_code == 200
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]

"""The interactive page of the API; its assets come from an installed package, never from a CDN."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("docs", __name__)

ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>SIPREMS API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# A file of its own, so that the content security policy needs no exception for inline scripts.
START = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});\n'
)


@blueprint.get("/")
def home() -> BaseResponse:
    """Lead whoever opens the address in a browser to the dashboard."""
    return redirect("/app/")


@blueprint.get("/docs")
def page() -> Response:
    """The page."""
    return Response(PAGE, mimetype="text/html")


@blueprint.get("/docs/start.js")
def start() -> Response:
    """Starts the page's application."""
    return Response(START, mimetype="text/javascript")


@blueprint.get("/docs/assets/<path:name>")
def asset(name: str) -> Response:
    """Scripts and styles of Swagger UI."""
    return send_from_directory(ASSETS, name, max_age=86_400)

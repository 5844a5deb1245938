"""The Dash application inside the Flask application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import dash
import dash_ag_grid  # noqa: F401  Its files are served from the start, for pages that load later.
from flask import Flask, Response, request

from siprems_backend.dashboard import delivery, document, pages, problems, shell
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.paths import HOME

EXTENSION = "dashboard_callbacks"


def mount_dashboard(app: Flask) -> None:
    """Serve the dashboard; whoever calls sees to it that strangers are turned away before."""
    dashboard = document.Dashboard(
        "siprems_backend.dashboard",
        server=app,
        url_base_pathname=HOME,
        assets_folder=str(Path(__file__).parent / "assets"),
        assets_path_ignore=["early"],
        index_string=document.TEMPLATE,
        title="SIPREMS",
        update_title="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        on_error=problems.show,
        csrf_token_name="siprems_csrf",  # noqa: S106  # nosec B106: the name of a cookie.
    )
    callbacks = Callbacks(dashboard)
    app.extensions[EXTENSION] = callbacks
    shell.register(callbacks)
    for page in pages.MODULES:
        page.register(callbacks)
    dashboard.layout = shell.layout
    # What the first request would do, before the processes fork.
    with app.app_context():
        dashboard._setup_server()
    _add_headers(app, dashboard.csp_hashes())


def _add_headers(app: Flask, script_hashes: Sequence[str]) -> None:
    policy = document.content_security_policy(script_hashes)

    @app.after_request
    def add(response: Response) -> Response:
        if request.path.startswith(HOME):
            response.headers["Content-Security-Policy"] = policy
            # With none at all, browsers would not tell our own sign-in where its form stood.
            response.headers["Referrer-Policy"] = "same-origin"
            if delivery.is_file(request):
                delivery.let_keep(request, response)
            delivery.compress(request, response)
        return response


__all__ = ["EXTENSION", "dash", "mount_dashboard"]

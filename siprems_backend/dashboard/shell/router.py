"""From the browser's address to what is shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import structlog
from dash import Input, Output

from siprems_backend.dashboard import pages, problems
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.states import nothing_here, problem
from siprems_backend.errors import ServiceError

log = structlog.get_logger(__name__)


def content_of(path: str, search: str) -> tuple[Any, str]:
    """What is at this address, and the title of the document; a page that fails says so in its place."""
    found = pages.find(path)
    if found is None or not may(found[0].role):
        # A page that is not the caller's to see is not there, as in the navigation.
        return nothing_here("missing"), say("shell.missing.title")
    page, params = found
    title = say(f"{page.name}.title")
    try:
        return page.layout(params, dict(parse_qsl(search.removeprefix("?")))), title
    except ServiceError as error:
        return problem(problems.words(error)), title
    except Exception as error:
        log.exception("page_failed", page=page.name)
        return problem(problems.words(error)), title


def register(callbacks: Callbacks) -> None:
    """Show another page when the address changes; the first one came with the layout."""

    @callbacks.on(
        Output("content", "children"),
        Output("title", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        prevent_initial_call=True,
    )
    def show(path: str | None, search: str | None) -> Any:
        return content_of(path or "", search or "")

    callbacks.in_browser("arrived", Input("title", "data"))

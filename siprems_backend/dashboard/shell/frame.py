"""The frame of the application."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component
from flask import has_request_context, request

from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.language.choice import current_theme
from siprems_backend.dashboard.problems import NOTIFICATIONS
from siprems_backend.dashboard.shell import header, navigation, router
from siprems_backend.dashboard.shell.theme import THEME

# Scripts of ours send along where the browser is, so that the first answer has the page in it already.
PLACE_HEADER = "X-Page-Path"


def layout() -> Component:
    """Everything, with the page that the browser asks for."""
    if not has_request_context():
        # Dash looks at the layout once before the first request.
        return dmc.MantineProvider(dcc.Location(id="url"))
    path, _, search = request.headers.get(PLACE_HEADER, "").partition("?")
    search = f"?{search}" if search else ""
    content, title = router.content_of(path, search)
    return dmc.MantineProvider(
        [
            html.A(say("shell.skip"), href="#content", className="skip-link"),
            _address(path, search),
            dcc.Store(id="title", data=title),
            dmc.NotificationContainer(id=NOTIFICATIONS, position="bottom-right"),
            _shell(content),
        ],
        id="colours",
        theme=THEME,
        forceColorScheme=None if current_theme() == "auto" else current_theme(),
        defaultColorScheme="auto",
    )


def _address(path: str, search: str) -> Component:
    """Where the browser is; told to it only what it knows not, it would ask for the same page once more."""
    known = {"pathname": path, "search": search} if path else {}
    return dcc.Location(id="url", refresh="callback-nav", **known)


def _shell(content: object) -> Component:
    return dmc.AppShell(
        [
            dmc.AppShellHeader(header.layout()),
            dmc.AppShellNavbar(navigation.layout(), id="navigation", className="navigation"),
            dmc.AppShellMain(html.Div(content, id="content", className="content", tabIndex=-1)),
        ],
        id="shell",
        header={"height": 56},
        navbar={"width": 224, "breakpoint": "md", "collapsed": {"mobile": True}},
        padding=0,
    )

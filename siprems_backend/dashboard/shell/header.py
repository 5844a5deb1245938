"""The header: name, language, colours, and whose session it is."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import LANGUAGES, current_language, say
from siprems_backend.dashboard.language.choice import current_theme
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.paths import HOME
from siprems_backend.services import authentication


def layout() -> Component:
    """Its content."""
    burger = dmc.Burger(id="burger", size="sm", hiddenFrom="md", **{"aria-label": say("shell.menu")})
    brand = dmc.Anchor(
        [html.Span(className="mark", **{"aria-hidden": "true"}), "SIPREMS"],
        href=HOME,
        className="brand",
        underline="never",
    )
    left = dmc.Group([burger, brand], gap="sm", wrap="nowrap")
    right = dmc.Group([_language(), _theme(), _account()], gap=4, wrap="nowrap")
    return dmc.Group([left, right], justify="space-between", h="100%", px="md", wrap="nowrap")


def _language() -> Component:
    items = [
        dmc.MenuItem(name, id={"language": code}, leftSection=_chosen(code == current_language()))
        for code, name in LANGUAGES.items()
    ]
    return _menu(say("shell.language"), icon("language"), items)


def _theme() -> Component:
    icons = {"light": "sun", "dark": "moon", "auto": "device"}
    items = [
        dmc.MenuItem(say(f"shell.theme.{theme}"), id={"theme": theme}, leftSection=icon(name))
        for theme, name in icons.items()
    ]
    return _menu(say("shell.theme.label"), icon(icons[current_theme()], identity="theme-icon"), items)


def _account() -> Component:
    user = authentication.profile(caller())
    items = [
        dmc.MenuLabel([html.Div(user.email), html.Div(say(f"role.{user.role}"))]),
        dmc.MenuItem(say("shell.sign_out"), id="sign-out", leftSection=icon("sign-out")),
    ]
    return _menu(say("shell.account", name=user.full_name), icon("user"), items)


def _menu(label: str, picture: Component, items: list[Any]) -> Component:
    button = dmc.ActionIcon(picture, variant="subtle", color="gray", size="lg", **{"aria-label": label})
    return dmc.Menu([dmc.MenuTarget(button), dmc.MenuDropdown(items)], position="bottom-end", shadow="md")


def _chosen(is_chosen: bool) -> Component:
    return icon("check" if is_chosen else "none")


def register(callbacks: Callbacks) -> None:
    """All of them run in the browser."""
    for code in LANGUAGES:
        callbacks.in_browser(
            "choose_language", Input({"language": code}, "n_clicks"), State({"language": code}, "id")
        )
    for theme in ("light", "dark", "auto"):
        callbacks.in_browser(
            "choose_theme", Input({"theme": theme}, "n_clicks"), State({"theme": theme}, "id")
        )
    callbacks.in_browser("sign_out", Input("sign-out", "n_clicks"))
    callbacks.in_browser(
        "open_navigation",
        Output("shell", "navbar"),
        Output("burger", "opened"),
        Input("burger", "opened"),
        Input("url", "pathname"),
        State("shell", "navbar"),
        prevent_initial_call=True,
    )

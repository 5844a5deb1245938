"""What stands where there is nothing to show."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.paths import HOME


def empty(picture: str, title: str, advice: str, *actions: Component) -> Component:
    """Nothing yet, and what to do first."""
    return dmc.Stack(
        [
            dmc.ThemeIcon(icon(picture), size=48, radius="xl", variant="light"),
            dmc.Text(title, fw=600, ta="center"),
            dmc.Text(advice, c="dimmed", size="sm", ta="center", maw=420),
            dmc.Group(list(actions), justify="center") if actions else None,
        ],
        align="center",
        gap="xs",
        py="xl",
        px="md",
        className="empty",
    )


def nothing_here(why: str) -> Component:
    """A page that is not there."""
    back = dmc.Anchor(say("shell.missing.back"), href=HOME)
    return empty("compass", say(f"shell.{why}.title"), say(f"shell.{why}.advice"), back)


def problem(message: str) -> Component:
    """What went wrong, in the place of what should be there."""
    return dmc.Alert(message, title=say("problem.title"), color="red", icon=icon("alert"), m="lg")


def secret(value: str, words: str) -> Component:
    """Something that is shown this once."""
    return dmc.Alert(
        [dmc.Text(words, size="sm", mb="xs"), html.Code(value, className="secret")], color="teal", mt="md"
    )

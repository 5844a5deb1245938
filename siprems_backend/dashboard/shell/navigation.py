"""The way to the pages that the caller may see."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard import pages
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.paths import HOME


def layout() -> Component:
    """A link for each page in the navigation."""
    links = [_link(page, page.icon) for page in pages.PAGES if page.icon and may(page.role)]
    return dmc.Stack(links, gap=2, **{"aria-label": say("shell.navigation"), "data-navigation": True})


def _link(page: pages.Page, picture: str) -> Component:
    return dmc.NavLink(
        label=say(f"{page.name}.title"),
        href=HOME + page.path,
        leftSection=icon(picture),
        active="partial" if page.path else "exact",
    )

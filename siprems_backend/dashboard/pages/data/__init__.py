"""Data: what was brought in, and what is known of the days to come."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.data import calendar, connections, imports, promotions
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts.headings import heading, panel
from siprems_backend.utils.roles import Role

VIEWS = {"imports": imports, "calendar": calendar, "promotions": promotions, "connections": connections}


def layout(_params: Params, query: Params) -> Component:
    """One of the views, which the address may name."""
    chosen = query.get("view", "imports")
    chosen = chosen if chosen in VIEWS else "imports"
    tabs = [dmc.TabsTab(say(f"data.view.{name}"), value=name) for name in VIEWS]
    return html.Div(
        [
            heading(say("data.title"), say("data.lead")),
            dmc.Tabs(dmc.TabsList(tabs), id="data-view", value=chosen, mb="md", **panel("data-content")),
            html.Div(VIEWS[chosen].layout(), id="data-content", role="tabpanel"),
        ]
    )


def register(callbacks: Callbacks) -> None:
    """Changing the view, and what the views need."""

    @callbacks.on(Output("data-content", "children"), Input("data-view", "value"), prevent_initial_call=True)
    def show(view: str) -> Any:
        return VIEWS.get(view, imports).layout()

    for part in VIEWS.values():
        part.register(callbacks)


PAGE = Page("data", "data", Role.VIEWER, layout, icon="database")

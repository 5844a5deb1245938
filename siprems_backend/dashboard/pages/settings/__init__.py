"""Settings: of the person, of what machines may do, and of the people."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.pages.settings import account, api_keys, messages, ordering, people, schedules
from siprems_backend.dashboard.parts.headings import heading, panel
from siprems_backend.utils.roles import Role

VIEWS = {
    "account": (account, Role.VIEWER),
    "api_keys": (api_keys, Role.VIEWER),
    "ordering": (ordering, Role.ANALYST),
    "schedules": (schedules, Role.ANALYST),
    "messages": (messages, Role.ANALYST),
    "people": (people, Role.ADMIN),
}


def layout(_params: Params, query: Params) -> Component:
    """One of the views that the caller may see, which the address may name."""
    views = [name for name, (_, role) in VIEWS.items() if may(role)]
    chosen = query.get("view", "account")
    chosen = chosen if chosen in views else "account"
    tabs = [dmc.TabsTab(say(f"settings.view.{name}"), value=name) for name in views]
    return html.Div(
        [
            heading(say("settings.title"), say("settings.lead")),
            dmc.Tabs(
                dmc.TabsList(tabs), id="settings-view", value=chosen, mb="md", **panel("settings-content")
            ),
            html.Div(VIEWS[chosen][0].layout(), id="settings-content", role="tabpanel"),
        ]
    )


def register(callbacks: Callbacks) -> None:
    """Changing the view, and what the views need."""

    @callbacks.on(
        Output("settings-content", "children"), Input("settings-view", "value"), prevent_initial_call=True
    )
    def show(view: str) -> Any:
        part, role = VIEWS.get(view, VIEWS["account"])
        return part.layout() if may(role) else account.layout()

    for part, _ in VIEWS.values():
        part.register(callbacks)


PAGE = Page("settings", "settings", Role.VIEWER, layout, icon="settings")

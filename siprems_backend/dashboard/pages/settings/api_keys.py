"""Keys for machines."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller, may
from siprems_backend.dashboard.language import moment, say, time_ago
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.states import empty, secret
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.services import api_keys
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 50


def layout() -> Component:
    """The caller's keys, and a form for another."""
    return html.Div([_form(), html.Div(_list(), id="keys-list"), store("revoke-key")], className="stack")


def _form() -> Component:
    roles = [{"value": role.value, "label": say(f"role.{role.value}")} for role in Role if may(role)]
    return section(
        say("settings.api_keys.new"),
        dmc.Group(
            [
                dmc.TextInput(
                    id="key-name", label=say("settings.api_keys.name"), w={"base": "100%", "xs": 260}
                ),
                dmc.Select(
                    id="key-role",
                    label=say("settings.api_keys.role"),
                    data=roles,
                    value=Role.VIEWER.value,
                    allowDeselect=False,
                    w={"base": "100%", "xs": 180},
                ),
                dmc.Button(say("settings.api_keys.make"), id="key-make"),
            ],
            align="flex-end",
        ),
        html.Div(id="key-made", **{"aria-live": "polite"}),
        lead=say("settings.api_keys.lead"),
    )


def _list() -> Component:
    found = api_keys.page(caller(), PageRequest(1, SHOWN)).items
    if not found:
        return empty("key", say("settings.api_keys.none"), say("settings.api_keys.none_advice"))
    heads = [say(f"settings.api_keys.{name}") for name in ("name", "role", "used", "made", "state")]
    return section(say("settings.api_keys.title"), table(heads, [_row(key) for key in found], less={2, 3}))


def _row(key: Any) -> list[Any]:
    revoke = dmc.Button(
        say("settings.api_keys.revoke"),
        size="compact-sm",
        variant="default",
        **does("revoke-key", key.id, confirm=say("settings.api_keys.revoke_really", name=key.name)),
    )
    ended = dmc.Badge(say("settings.api_keys.revoked"), color="gray")
    return [
        html.Div([dmc.Text(key.name, size="sm", fw=550), html.Code(f"{key.prefix}…")]),
        say(f"role.{key.role}"),
        time_ago(key.last_used_at),
        moment(key.created_at),
        ended if key.revoked_at else revoke,
    ]


def register(callbacks: Callbacks) -> None:
    """Making and revoking."""

    @callbacks.on(
        Output("keys-list", "children"),
        Output("key-made", "children"),
        Output("key-name", "value"),
        Input("key-make", "n_clicks"),
        State("key-name", "value"),
        State("key-role", "value"),
        press=True,
        prevent_initial_call=True,
    )
    def make(_clicks: int, name: str | None, role: str) -> Any:
        chosen = Role(checks.one_of(role, list(Role), say("settings.api_keys.role")))
        made = api_keys.create(
            caller(), checks.line(name, api_keys.LONGEST_NAME, say("settings.api_keys.name")), chosen
        )
        return _list(), secret(made.key or "", say("settings.api_keys.once")), ""

    @callbacks.on(
        Output("keys-list", "children", allow_duplicate=True),
        pressed("revoke-key"),
        press=True,
        prevent_initial_call=True,
    )
    def revoke(press: dict[str, str]) -> Any:
        api_keys.revoke(caller(), int(press["value"]))
        return _list()

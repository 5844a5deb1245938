"""Who may do what."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import moment, say
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import users
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 200


def layout() -> Component:
    """All accounts, and a form for another."""
    return html.Div([_form(), html.Div(_list(), id="people-list"), store("switch-user")], className="stack")


def _form() -> Component:
    return section(
        say("settings.people.new"),
        dmc.Group(
            [
                dmc.TextInput(
                    id="person-name", label=say("settings.people.name"), w={"base": "100%", "xs": 200}
                ),
                dmc.TextInput(
                    id="person-email", label=say("settings.people.email"), w={"base": "100%", "xs": 240}
                ),
                dmc.PasswordInput(
                    id="person-password",
                    label=say("settings.people.password"),
                    inputProps={"autoComplete": "new-password"},
                    visibilityToggleButtonProps={"aria-label": say("settings.password.show")},
                    w={"base": "100%", "xs": 200},
                ),
                _roles("person-role", Role.VIEWER, label=say("settings.people.role")),
                dmc.Button(say("settings.people.add"), id="person-add"),
            ],
            align="flex-end",
        ),
        lead=say("settings.people.lead"),
    )


def _roles(identity: Any, role: str, **options: Any) -> Component:
    data = [{"value": each.value, "label": say(f"role.{each.value}")} for each in Role]
    return dmc.Select(id=identity, data=data, value=str(role), allowDeselect=False, w=150, **options)


def _list() -> Component:
    found = users.page(PageRequest(1, SHOWN)).items
    heads = [say(f"settings.people.{name}") for name in ("name", "role", "last_login", "state")]
    return section(say("settings.people.title"), table(heads, [_row(user) for user in found], less={2}))


def _row(user: Any) -> list[Any]:
    label = {"aria-label": say("settings.people.role_of", name=user.full_name)}
    switch = "deactivate" if user.is_active else "activate"
    question = say("settings.people.deactivate_really", name=user.full_name) if user.is_active else None
    button = dmc.Button(
        say(f"settings.people.{switch}"),
        size="compact-sm",
        variant="default",
        **does("switch-user", f"{switch}:{user.id}", confirm=question),
    )
    return [
        html.Div([dmc.Text(user.full_name, size="sm", fw=550), dmc.Text(user.email, size="xs", c="dimmed")]),
        _roles({"role-of": user.id}, user.role, size="xs", **label),
        moment(user.last_login_at),
        button,
    ]


def register(callbacks: Callbacks) -> None:
    """Adding, and changing roles; a change acts at once."""

    @callbacks.on(
        Output("people-list", "children"),
        Output("person-password", "value"),
        Input("person-add", "n_clicks"),
        State("person-name", "value"),
        State("person-email", "value"),
        State("person-password", "value"),
        State("person-role", "value"),
        role=Role.ADMIN,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, name: str | None, email: str | None, password: str | None, role: str) -> Any:
        user = users.create(email or "", name or "", password or "", _role(role), by=caller())
        notify(say("settings.people.added", name=user.full_name))
        return _list(), ""

    @callbacks.on(
        Output("people-list", "children", allow_duplicate=True),
        Input({"role-of": ALL}, "value"),
        State({"role-of": ALL}, "id"),
        role=Role.ADMIN,
        prevent_initial_call=True,
    )
    def raise_or_lower(_roles: list[str], _ids: list[Any]) -> Any:
        where, value = callbacks.triggered(), callbacks.triggered_value()
        # Boxes that appear are no change.
        if not where or not value or users.by_id(where["role-of"]).role == value:
            raise PreventUpdate
        user = users.change(where["role-of"], role=_role(value), by=caller())
        notify(say("settings.people.changed", name=user.full_name, role=say(f"role.{user.role}")))
        return _list()

    @callbacks.on(
        Output("people-list", "children", allow_duplicate=True),
        pressed("switch-user"),
        role=Role.ADMIN,
        press=True,
        prevent_initial_call=True,
    )
    def switch(press: dict[str, str]) -> Any:
        action, _, number = press["value"].partition(":")
        users.change(int(number), is_active=action == "activate", by=caller())
        return _list()


def _role(text: object) -> Role:
    return Role(checks.one_of(text, list(Role), say("settings.people.role")))

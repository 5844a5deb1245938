"""The caller's own account: who it is, language, colours, password."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Input, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import LANGUAGES, current_language, moment, say
from siprems_backend.dashboard.language.choice import THEMES, current_theme
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.services import authentication


def layout() -> Component:
    """Three boxes."""
    return dmc.SimpleGrid([_who(), _looks(), _password()], cols={"base": 1, "md": 2, "xl": 3}, spacing="md")


def _who() -> Component:
    user = authentication.profile(caller())
    facts = [
        ("name", user.full_name),
        ("email", user.email),
        ("role", say(f"role.{user.role}")),
        ("last_login", moment(user.last_login_at)),
    ]
    rows = [html.Div([html.Dt(say(f"settings.account.{name}")), html.Dd(value)]) for name, value in facts]
    return section(say("settings.account.title"), html.Dl(rows, className="facts column"))


def _looks() -> Component:
    languages = [{"value": code, "label": name} for code, name in LANGUAGES.items()]
    themes = [{"value": theme, "label": say(f"shell.theme.{theme}")} for theme in THEMES]
    return section(
        say("settings.looks.title"),
        dmc.Select(
            id="settings-language",
            label=say("shell.language"),
            data=languages,
            value=current_language(),
            allowDeselect=False,
        ),
        dmc.Select(
            id="settings-theme",
            label=say("shell.theme.label"),
            data=themes,
            value=current_theme(),
            allowDeselect=False,
        ),
        lead=say("settings.looks.lead"),
    )


def _password() -> Component:
    def field(name: str, complete: str) -> Component:
        return dmc.PasswordInput(
            id=f"password-{name}",
            label=say(f"settings.password.{name}"),
            inputProps={"autoComplete": complete},
            visibilityToggleButtonProps={"aria-label": say("settings.password.show")},
        )

    return section(
        say("settings.password.title"),
        dmc.Stack(
            [
                field("current", "current-password"),
                field("new", "new-password"),
                dmc.Checkbox(id="password-keep-keys", label=say("settings.password.keep_keys"), checked=True),
                dmc.Button(
                    say("settings.password.change"),
                    id="password-change",
                    variant="default",
                    **{"data-done": say("settings.password.changed")},
                ),
            ],
            gap="sm",
        ),
    )


def register(callbacks: Callbacks) -> None:
    """The password is changed here; language and colours in the browser."""
    callbacks.in_browser("set_language", Input("settings-language", "value"), prevent_initial_call=True)
    callbacks.in_browser("set_theme", Input("settings-theme", "value"), prevent_initial_call=True)

    # By the API, which counts attempts: whoever finds a signed-in browser shall not guess here.
    callbacks.in_browser(
        "change_password",
        Input("password-change", "n_clicks"),
        State("password-current", "value"),
        State("password-new", "value"),
        State("password-keep-keys", "checked"),
        State("password-change", "data-done"),
        prevent_initial_call=True,
    )

"""What people and machines are told: e-mails and webhooks."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import known, say
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty, secret
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.problems import notify
from siprems_backend.errors import Invalid
from siprems_backend.services.notifications import Event, preferences, webhooks
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 50
LONGEST_URL = 2000


def layout() -> Component:
    """Both."""
    return html.Div(
        [_email(), _webhook_form(), html.Div(_webhooks(), id="webhooks-list"), store("remove-webhook")],
        className="stack",
    )


def _events(identity: str, chosen: list[str]) -> Component:
    boxes = [dmc.Checkbox(label=event_name(event), value=event.value) for event in Event]
    return dmc.CheckboxGroup(
        dmc.SimpleGrid(boxes, cols={"base": 1, "xs": 2, "lg": 4}, spacing="xs", mt="xs"),
        id=identity,
        value=chosen,
        label=say("settings.messages.events"),
    )


def event_name(event: Event) -> str:
    """What an event is called."""
    key = f"settings.messages.event.{event.name}"
    return say(key) if known(key) else event.value


def _email() -> Component:
    found = preferences.get(caller())
    if not found.available:
        words = dmc.Text(say("settings.messages.no_mail"), size="sm", c="dimmed")
        return section(say("settings.messages.email"), words)
    return section(
        say("settings.messages.email"),
        _events("email-events", found.events),
        dmc.Button(say("settings.messages.save"), id="email-save", variant="default"),
        lead=say("settings.messages.email_lead", address=found.address),
    )


def _webhook_form() -> Component:
    usual = [Event.TASK_FAILED.value, Event.TRAINING_RUN_COMPLETED.value]
    return section(
        say("settings.messages.new"),
        dmc.TextInput(id="webhook-url", label=say("settings.messages.url"), placeholder="https://"),
        _events("webhook-events", usual),
        dmc.Button(say("settings.messages.add"), id="webhook-add"),
        html.Div(id="webhook-made", **{"aria-live": "polite"}),
        lead=say("settings.messages.webhook_lead"),
    )


def _webhooks() -> Component:
    found = webhooks.page(caller(), PageRequest(1, SHOWN)).items
    if not found:
        return empty("bell", say("settings.messages.none"), say("settings.messages.none_advice"))
    heads = [say(f"settings.messages.{name}") for name in ("url", "events", "state", "remove")]
    return section(say("settings.messages.webhooks"), table(heads, [_row(each) for each in found], less={1}))


def _row(each: Any) -> list[Any]:
    label = say("settings.messages.remove_one", url=each.url)
    state = "active" if each.active else "stopped"
    names = ", ".join(event_name(Event(name)) for name in each.events)
    return [
        dmc.Text(each.url, size="sm", fw=550, className="one-line", maw=360),
        dmc.Text(names, size="sm", c="dimmed"),
        dmc.Badge(say(f"settings.messages.{state}"), color="teal" if each.active else "red"),
        dmc.ActionIcon(
            icon("trash"),
            variant="subtle",
            color="gray",
            **{"aria-label": label},
            **does("remove-webhook", each.id, confirm=f"{label}?"),
        ),
    ]


def register(callbacks: Callbacks) -> None:
    """Choosing, adding, removing."""

    @callbacks.on(
        Output("email-events", "value"),
        Input("email-save", "n_clicks"),
        State("email-events", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def save(_clicks: int, chosen: list[str] | None) -> Any:
        found = preferences.put(caller(), events=_chosen(chosen))
        notify(say("settings.messages.saved"))
        return found.events

    @callbacks.on(
        Output("webhooks-list", "children"),
        Output("webhook-made", "children"),
        Input("webhook-add", "n_clicks"),
        State("webhook-url", "value"),
        State("webhook-events", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, url: str | None, chosen: list[str] | None) -> Any:
        events = _chosen(chosen)
        if not url or len(url) > LONGEST_URL or not events:
            raise Invalid(say("settings.messages.incomplete"), code="form")
        made = webhooks.create(caller(), url=url.strip(), events=events)
        return _webhooks(), secret(made.secret or "", say("settings.messages.once"))

    @callbacks.on(
        Output("webhooks-list", "children", allow_duplicate=True),
        pressed("remove-webhook"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str]) -> Any:
        webhooks.remove(caller(), int(press["value"]))
        return _webhooks()


def _chosen(names: list[str] | None) -> list[Event]:
    return [event for event in Event if event.value in (names or [])]

"""What is done regularly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import moment, say
from siprems_backend.dashboard.language.choice import zone_name
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.parts.tasks import status_badge, task_path
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import schedules
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

SHOWN = 50
LONGEST = 200
# Those that need nothing but a time; the others are scheduled where their subject is.
TASKS = ["train_all", "refresh_forecasts", "watch_accuracy"]
USUAL_TIMES = {
    "daily": "0 {hour} * * *",
    "weekdays": "0 {hour} * * 1-5",
    "weekly": "0 {hour} * * 1",
    "monthly": "0 {hour} 1 * *",
}
CHANGES: dict[str, Callable[..., Any]] = {
    "pause": schedules.pause,
    "resume": schedules.resume,
    "remove": schedules.remove,
}


def layout() -> Component:
    """The caller's schedules (operators see everybody's), and a form for another."""
    return html.Div([_form(), html.Div(_list(), id="schedules-list"), store("schedule")], className="stack")


def _form() -> Component:
    return section(
        say("settings.schedules.new"),
        dmc.Group(
            [
                dmc.TextInput(
                    id="schedule-name", label=say("settings.schedules.name"), w={"base": "100%", "xs": 220}
                ),
                _choice("task", {name: say(f"settings.schedules.task_{name}") for name in TASKS}),
                _choice("times", {name: say(f"settings.schedules.times_{name}") for name in USUAL_TIMES}),
                dmc.NumberInput(
                    id="schedule-hour", label=say("settings.schedules.hour"), value=3, min=0, max=23, w=100
                ),
                dmc.Button(say("settings.schedules.add"), id="schedule-add"),
            ],
            align="flex-end",
        ),
        lead=say("settings.schedules.lead", zone=zone_name()),
    )


def _choice(name: str, choices: dict[str, str]) -> Component:
    return dmc.Select(
        id=f"schedule-{name}",
        label=say(f"settings.schedules.{name}"),
        data=[{"value": value, "label": label} for value, label in choices.items()],
        value=next(iter(choices)),
        allowDeselect=False,
        w={"base": "100%", "xs": 220},
    )


def _list() -> Component:
    found = schedules.listing(PageRequest(1, SHOWN), caller()).items
    if not found:
        return empty("clock", say("settings.schedules.none"), say("settings.schedules.none_advice"))
    heads = [say(f"settings.schedules.{name}") for name in ("name", "times", "next", "last", "actions")]
    return section(say("settings.schedules.title"), table(heads, [_row(each) for each in found], less={1, 3}))


def _row(each: Any) -> list[Any]:
    following = (
        moment(each.next_runs[0]) if each.next_runs else each.obstacle or say("settings.schedules.paused")
    )
    return [
        dmc.Text(each.name, size="sm", fw=550),
        html.Code(f"{each.cron} {each.timezone}"),
        following,
        status_badge(each.last_status) if each.last_status else "–",
        dmc.Group(
            [
                _button(each, "resume" if each.paused else "pause", "play" if each.paused else "stop"),
                _button(each, "run", "next"),
                _button(each, "remove", "trash", confirm=True),
            ],
            gap=4,
            wrap="nowrap",
        ),
    ]


def _button(each: Any, action: str, picture: str, *, confirm: bool = False) -> Component:
    label = say(f"settings.schedules.{action}", name=each.name)
    asked = does("schedule", f"{action}:{each.id}", confirm=f"{label}?" if confirm else None)
    button = dmc.ActionIcon(icon(picture), variant="subtle", color="gray", **{"aria-label": label}, **asked)
    return dmc.Tooltip(button, label=label)


def register(callbacks: Callbacks) -> None:
    """Adding, pausing, running, removing."""

    @callbacks.on(
        Output("schedules-list", "children"),
        Output("schedule-name", "value"),
        Input("schedule-add", "n_clicks"),
        State("schedule-name", "value"),
        State("schedule-task", "value"),
        State("schedule-times", "value"),
        State("schedule-hour", "value"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, name: str | None, task: str, times: str, hour: object) -> Any:
        schedules.create(_values(name, task, times, hour), caller())
        return _list(), ""

    @callbacks.on(
        Output("schedules-list", "children", allow_duplicate=True),
        Output("url", "pathname", allow_duplicate=True),
        pressed("schedule"),
        State("url", "pathname"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def act(press: dict[str, str], here: str) -> Any:
        action, _, number = press["value"].partition(":")
        schedule_id = int(number)
        if action == "run":
            return _list(), task_path(schedules.run_now(schedule_id, caller()).task_id)
        CHANGES[action](schedule_id, caller())
        notify(say("settings.schedules.done"))
        return _list(), here


def _values(name: str | None, task: str, times: str, hour: object) -> dict[str, Any]:
    rule = USUAL_TIMES[checks.one_of(times, list(USUAL_TIMES), say("settings.schedules.times"))]
    if not isinstance(hour, int) or not 0 <= hour <= 23:
        hour = 3
    return {
        "name": checks.line(name, LONGEST, say("settings.schedules.name")),
        "task": checks.one_of(task, TASKS, say("settings.schedules.task")),
        "parameters": {},
        "cron": rule.format(hour=hour),
        "timezone": zone_name(),
    }

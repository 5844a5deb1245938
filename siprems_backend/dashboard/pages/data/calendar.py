"""Events by the month, with the promotions planned."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections import defaultdict
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.development.base_component import Component

from siprems_backend.dashboard import checks
from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.language.formats import month_name, today, weekday_names
from siprems_backend.dashboard.parts.actions import does, pressed, store
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import country_holidays, events, promotions
from siprems_backend.utils.pagination import LARGEST_PAGE, PageRequest
from siprems_backend.utils.roles import Role

LONGEST_NAME = 200
TYPES = ["event", "holiday", "festival", "closure"]
COUNTRIES = ["ID", "DE", "FR", "GB", "US", "MY", "SG", "AU", "NL", "IN", "JP"]


def layout() -> Component:
    """This month, and the forms beside it."""
    first = today().replace(day=1)
    shown = section(
        html.Span(id="calendar-month", children=_name_of(first)),
        html.Div(_month(first), id="calendar-days"),
        dcc.Store(id="calendar-first", data=first.isoformat()),
        store("remove-event"),
        action=_arrows(),
    )
    if not may(Role.ANALYST):
        return shown
    return dmc.Grid(
        [
            dmc.GridCol(shown, span={"base": 12, "lg": 8}),
            dmc.GridCol(dmc.Stack([_new_event(), _holidays()], gap="md"), span={"base": 12, "lg": 4}),
        ],
        gutter="md",
    )


def _arrows() -> Component:
    def arrow(name: str, picture: str) -> Component:
        label = say(f"data.calendar.{name}")
        return dmc.ActionIcon(
            icon(picture), id=f"calendar-{name}", variant="default", **{"aria-label": label}
        )

    return dmc.Group([arrow("before", "back"), arrow("after", "next")], gap=6)


def _name_of(first: dt.date) -> str:
    return f"{month_name(first.month)} {first.year}"


def _month(first: dt.date) -> Component:
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    found = _entries(weeks[0][0], weeks[-1][-1])
    heads = [html.Div(name[:3], className="calendar-head") for name in weekday_names()]
    days = [_day(day, day.month == first.month, found[day]) for week in weeks for day in week]
    return html.Div([*heads, *days], className="calendar")


def _entries(since: dt.date, until: dt.date) -> dict[dt.date, list[Component]]:
    """What stands on each day."""
    request = PageRequest(1, LARGEST_PAGE)
    span: dict[str, Any] = {"date_from": since, "date_to": until}
    found: dict[dt.date, list[Component]] = defaultdict(list)
    for event in events.list_events(request, **span).items:
        found[event.date].append(_event(event))
    for plan in promotions.list_promotions(request, **span).items:
        for place in range((plan.date_to - plan.date_from).days + 1):
            words = f"{plan.sku or plan.category} · {plan.name}"
            entry = html.Div(words, className="calendar-entry promo", title=words)
            found[plan.date_from + dt.timedelta(days=place)].append(entry)
    return found


def _event(event: Any) -> Component:
    inside = [html.Span(event.name)]
    if may(Role.ANALYST):
        label = say("data.calendar.remove", name=event.name)
        inside.append(
            html.Button(
                icon("close"),
                type="button",
                **{"aria-label": label},
                **does("remove-event", event.id, confirm=label + "?"),
            )
        )
    return html.Div(
        inside,
        className=f"calendar-entry {'holiday' if event.type == 'holiday' else 'event'}",
        title=event.name,
    )


def _day(day: dt.date, inside: bool, entries: list[Component]) -> Component:
    style = "calendar-day" + ("" if inside else " outside") + (" today" if day == today() else "")
    return html.Div([html.Span(day.day, className="calendar-number"), *entries], className=style)


def _new_event() -> Component:
    return section(
        say("data.calendar.new"),
        dmc.Stack(
            [
                dmc.TextInput(id="event-name", label=say("data.calendar.name")),
                dmc.DatePickerInput(
                    id="event-date",
                    label=say("data.calendar.date"),
                    value=today().isoformat(),
                    valueFormat="D MMM YYYY",
                ),
                dmc.Select(
                    id="event-type",
                    label=say("data.calendar.type"),
                    value="event",
                    allowDeselect=False,
                    data=[{"value": each, "label": say(f"data.calendar.type_{each}")} for each in TYPES],
                ),
                dmc.Button(say("data.calendar.add"), id="event-add"),
            ],
            gap="sm",
        ),
    )


def _holidays() -> Component:
    return section(
        say("data.calendar.holidays"),
        dmc.Group(
            [
                dmc.Autocomplete(
                    id="holidays-country",
                    label=say("data.calendar.country"),
                    data=COUNTRIES,
                    value="ID",
                    w=110,
                ),
                dmc.NumberInput(
                    id="holidays-year",
                    label=say("data.calendar.year"),
                    value=today().year,
                    min=1990,
                    max=2100,
                    w=110,
                ),
                dmc.Button(say("data.calendar.add"), id="holidays-add", variant="default"),
            ],
            align="flex-end",
            gap="sm",
        ),
        lead=say("data.calendar.holidays_lead"),
    )


def register(callbacks: Callbacks) -> None:
    """Turning the month, adding and removing."""

    @callbacks.on(
        Output("calendar-days", "children"),
        Output("calendar-month", "children"),
        Output("calendar-first", "data"),
        Input("calendar-before", "n_clicks"),
        Input("calendar-after", "n_clicks"),
        State("calendar-first", "data"),
        prevent_initial_call=True,
    )
    def turn(before: int | None, after: int | None, shown: str) -> Any:
        first = checks.date(shown, say("data.calendar.date"))
        steps = callbacks.triggered() == "calendar-after"
        if before or after:
            first = (first + dt.timedelta(days=32 if steps else -1)).replace(day=1)
        return _month(first), _name_of(first), first.isoformat()

    @callbacks.on(
        Output("calendar-days", "children", allow_duplicate=True),
        Output("event-name", "value"),
        Input("event-add", "n_clicks"),
        State("event-name", "value"),
        State("event-date", "value"),
        State("event-type", "value"),
        State("calendar-first", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add(_clicks: int, name: str | None, date: str | None, kind: str, shown: str) -> Any:
        values = {
            "name": checks.line(name, LONGEST_NAME, say("data.calendar.name")),
            "date": checks.date(date, say("data.calendar.date")),
            "type": checks.one_of(kind, TYPES, say("data.calendar.type")),
        }
        events.create(values)
        notify(say("data.calendar.added", name=values["name"]))
        return _shown(shown), ""

    @callbacks.on(
        Output("calendar-days", "children", allow_duplicate=True),
        pressed("remove-event"),
        State("calendar-first", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def remove(press: dict[str, str], shown: str) -> Any:
        events.remove(int(press["value"]))
        return _shown(shown)

    @callbacks.on(
        Output("calendar-days", "children", allow_duplicate=True),
        Input("holidays-add", "n_clicks"),
        State("holidays-country", "value"),
        State("holidays-year", "value"),
        State("calendar-first", "data"),
        role=Role.ANALYST,
        press=True,
        prevent_initial_call=True,
    )
    def add_holidays(_clicks: int, country: str | None, year: object, shown: str) -> Any:
        code = checks.line(country, country_holidays.LONGEST_COUNTRY, say("data.calendar.country"))
        found = country_holidays.add(code, [checks.year(year)])
        notify(say("data.calendar.holidays_added", created=found.created, unchanged=found.unchanged))
        return _shown(shown)


def _shown(first: str) -> Component:
    return _month(checks.date(first, say("data.calendar.date")).replace(day=1))

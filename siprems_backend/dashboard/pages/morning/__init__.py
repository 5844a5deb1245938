"""Morning: what to do now, on one screen."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.caller import may
from siprems_backend.dashboard.language import date_words, say
from siprems_backend.dashboard.language.formats import today
from siprems_backend.dashboard.pages.morning import alerts, night, running_out, suppliers, yesterday
from siprems_backend.dashboard.pages.page import Page, Params
from siprems_backend.dashboard.parts.headings import heading
from siprems_backend.dashboard.parts.states import empty
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import stock_outlook
from siprems_backend.services.replenishment import summary, views
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role


def layout(_params: Params, _query: Params) -> Component:
    """The figures, what runs out first, and what else wants looking at."""
    counts = stock_outlook.counts()
    if not counts.products:
        return html.Div([heading(say("morning.title"), date_words(today())), _welcome()])
    urgent = views.page(PageRequest(1, running_out.SHOWN), to_order=True)
    day = summary.of_today()
    lately, run = yesterday.lately(), night.last_run()
    figures = dmc.SimpleGrid(
        [
            *running_out.figures(day, counts.products),
            yesterday.figure_of_day(lately),
            night.figure_of_run(run),
        ],
        cols={"base": 2, "md": 4},
        mb="md",
    )
    lists = dmc.Grid(
        [
            dmc.GridCol(running_out.layout(urgent), span={"base": 12, "lg": 8}),
            dmc.GridCol(
                dmc.Stack(
                    [
                        suppliers.layout(day),
                        alerts.layout(counts, day["overdue"], run),
                        yesterday.layout(lately),
                    ],
                    gap="md",
                ),
                span={"base": 12, "lg": 4},
            ),
        ],
        gutter="md",
    )
    return html.Div([heading(say("morning.title"), date_words(today())), figures, lists])


def _welcome() -> Component:
    first = dmc.Anchor(dmc.Button(say("morning.import")), href=path_to("data")) if may(Role.ANALYST) else None
    return empty("upload", say("morning.nothing"), say("morning.nothing_advice"), *([first] if first else []))


def register(_callbacks: Callbacks) -> None:
    """Nothing here changes by itself: it is looked at once in the morning."""


PAGE = Page("morning", "", Role.VIEWER, layout, icon="sunrise")

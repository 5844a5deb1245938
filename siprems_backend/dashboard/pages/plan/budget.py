"""How much money there is, where it does not suffice for all."""

from __future__ import annotations

import math

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.charts import function

STEPS = 40


def layout(value: float) -> Component:
    """A slider up to what the whole plan costs; at its end there is no limit."""
    if value <= 0:
        return html.Div(
            [
                dmc.Slider(id="plan-budget", min=0, max=1, value=1, disabled=True, display="none"),
                dmc.Text(say("plan.budget.no_costs"), size="sm", c="dimmed"),
            ],
            className="budget",
        )
    step = step_of(value)
    most = math.ceil(value / step) * step
    return html.Div(
        [
            html.Span(say("plan.budget.title"), id="plan-budget-title", className="budget-title"),
            dmc.Slider(
                id="plan-budget",
                min=0,
                max=most,
                step=step,
                value=most,
                label=function("budget", most=most, all=say("plan.budget.all")),
                updatemode="mouseup",
                thumbLabel=say("plan.budget.title"),
                className="budget-slider",
            ),
            html.Div(id="plan-budget-words", className="budget-words", **{"aria-live": "polite"}),
        ],
        className="budget",
    )


def step_of(value: float) -> float:
    """A round step, of which about `STEPS` make up a value."""
    rough = value / STEPS
    power = 10 ** math.floor(math.log10(rough))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))


def register(_callbacks: Callbacks) -> None:
    """The slider is a filter like the others."""

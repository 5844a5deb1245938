"""How other systems bring sales in and hear of what happens, and what this server itself needs."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from flask import request

from siprems_backend.dashboard.callbacks import Callbacks
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.tables import table
from siprems_backend.dashboard.paths import path_to
from siprems_backend.services import health
from siprems_backend.services.checks import Finding, State

COLORS = {State.OK: "teal", State.WARNING: "yellow", State.FAILED: "red", State.UNKNOWN: "gray"}
FILE = 'curl -H "X-API-Key: $KEY" -F file=@sales.csv "{home}api/v1/imports?kind=sales"'
SALE = (
    'curl -H "X-API-Key: $KEY" -H "Content-Type: application/json" '
    '-d \'{{"product_sku": "BRD-001", "quantity": 2}}\' {home}api/v1/transactions'
)
COMMAND = "./siprems import sales.csv"


def layout() -> Component:
    """Ways in, the way out, and whether what this server needs is there."""
    ways = [("each_sale", SALE), ("file", FILE), ("command", COMMAND)]
    into = section(
        say("data.connections.in"),
        dmc.Stack([_way(name, text) for name, text in ways], gap="md", mt="sm"),
        action=_link("data.connections.keys", "settings?view=api_keys"),
        lead=say("data.connections.in_lead"),
    )
    out = section(
        say("data.connections.out"),
        action=_link("data.connections.messages", "settings?view=messages"),
        lead=say("data.connections.out_lead"),
    )
    return html.Div([into, out, _needed()], className="stack")


def _way(name: str, text: str) -> Component:
    command = text.format(home=request.host_url)
    return html.Div(
        [
            dmc.Text(say(f"data.connections.{name}"), size="sm", fw=550),
            html.Pre(html.Code(command), className="command", tabIndex="0"),
        ]
    )


def _link(key: str, place: str) -> Component:
    page, _, query = place.partition("?")
    return dmc.Anchor(say(key), href=f"{path_to(page)}?{query}", size="sm")


def _needed() -> Component:
    found = health.readiness().checks
    rows = [[say(f"data.connections.check.{name}"), _state(finding)] for name, finding in found.items()]
    heads = [say("data.connections.part"), say("data.connections.state")]
    return section(say("data.connections.needed"), table(heads, rows))


def _state(finding: Finding) -> Component:
    return dmc.Badge(say(f"data.connections.states.{finding.state}"), color=COLORS[finding.state])


def register(_callbacks: Callbacks) -> None:
    """Nothing here changes by itself."""

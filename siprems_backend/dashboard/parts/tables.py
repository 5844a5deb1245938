"""Plain tables; long lists that are sorted and filtered on the server are grids instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    right: Collection[int] = (),
    less: Collection[int] = (),
) -> Component:
    """A table; `right` names the columns of numbers, `less` those that a phone leaves out.

    What is wider than its box scrolls within it.
    """

    def style(place: int) -> str:
        return f"{'right' if place in right else ''} {'wide-only' if place in less else ''}".strip()

    head = dmc.TableThead(
        dmc.TableTr([dmc.TableTh(text, className=style(place)) for place, text in enumerate(heads)])
    )
    body = dmc.TableTbody(
        [
            dmc.TableTr([dmc.TableTd(cell, className=style(place)) for place, cell in enumerate(row)])
            for row in rows
        ]
    )
    return html.Div(dmc.Table([head, body], highlightOnHover=True), className="scroll", tabIndex=0)

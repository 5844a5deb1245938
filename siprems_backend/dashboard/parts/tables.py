"""Plain tables; long lists that are sorted and filtered on the server are grids instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Collection[int] = ()) -> Component:
    """A table; `right` names the columns of numbers. On narrow screens it scrolls within its box."""
    head = dmc.TableThead(dmc.TableTr([_head(text, place in right) for place, text in enumerate(heads)]))
    body = dmc.TableTbody(
        [dmc.TableTr([_cell(cell, place in right) for place, cell in enumerate(row)]) for row in rows]
    )
    return html.Div(dmc.Table([head, body], highlightOnHover=True), className="scroll")


def _head(text: str, right: bool) -> Component:
    return dmc.TableTh(text, className="right" if right else "")


def _cell(content: Any, right: bool) -> Component:
    return dmc.TableTd(content, className="right" if right else "")

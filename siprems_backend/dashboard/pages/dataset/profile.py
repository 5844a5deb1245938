"""What the columns of a data set hold, in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, percent, say
from siprems_backend.dashboard.parts.bars import histogram, shaded, shares
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.values import word

Column = Mapping[str, Any]
MOST_COLUMNS = 60
MOST_CORRELATED = 16
MOST_VALUES = 5


def layout(profile: Mapping[str, Any]) -> Component:
    """A card for each column, and how the columns of numbers go together."""
    columns = profile["columns"]
    cards = [_card(column, profile["rows"]) for column in columns[:MOST_COLUMNS]]
    rest = len(columns) - len(cards)
    more = dmc.Text(say("dataset.more_columns", count=rest), size="sm", c="dimmed") if rest > 0 else None
    sampled = profile.get("sample_rows", profile["rows"]) < profile["rows"]
    lead = say("dataset.sampled", count=profile["sample_rows"]) if sampled else None
    return html.Div(
        [
            section(say("dataset.profile"), html.Div(cards, className="column-cards"), more, lead=lead),
            _correlations(profile["correlations"]),
        ],
        className="stack",
    )


def _card(column: Column, rows: int) -> Component:
    share = column.get("missing_share") or 0.0
    missing = say("dataset.missing", share=percent(share, 1 if 0 < share < 0.1 else 0))
    notes = [
        html.Span(
            missing if column["missing"] else say("dataset.complete"), className="bad" if share > 0.2 else ""
        ),
        html.Span(say("dataset.distinct", count=column.get("distinct") or 0)),
    ]
    head = html.Div(
        [
            html.H3(column["name"], title=column["name"]),
            dmc.Badge(say(f"dataset.type.{column['type']}"), color="gray"),
        ],
        className="column-head",
    )
    return html.Article(
        [head, html.Div(notes, className="column-notes"), _picture(column, rows)], className="column-card"
    )


def _picture(column: Column, rows: int) -> Component | None:
    spread = column.get("histogram")
    if spread:
        label = say("dataset.histogram", name=column["name"])
        mean = say("dataset.mean", mean=amount(column.get("mean")), std=amount(column.get("std")))
        return html.Div(
            [histogram(spread["counts"], spread["edges"], label), dmc.Text(mean, size="xs", c="dimmed", mt=4)]
        )
    top = column.get("top_values") or []
    if not top:
        return None
    entries = [
        (word(each["value"]) or "“”", each["count"], percent(each["count"] / rows if rows else 0))
        for each in top[:MOST_VALUES]
    ]
    return shares(entries)


def _correlations(found: Mapping[str, Any]) -> Component | None:
    names = found["columns"][:MOST_CORRELATED]
    if len(names) < 2:
        return None
    rows = [(name, line[:MOST_CORRELATED]) for name, line in zip(names, found["matrix"], strict=False)]
    label = say("dataset.correlations")
    drawn = shaded(names, rows, lambda value: amount(value, 2), corner="", label=label)
    return section(label, drawn, lead=say("dataset.correlations_lead"))

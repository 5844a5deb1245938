"""The pipeline as a list of steps, and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, say
from siprems_backend.dashboard.pages.playground.draft import PRESS, Node
from siprems_backend.dashboard.pages.playground.words import category_name, field_label, node_title
from siprems_backend.dashboard.parts.actions import does
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.services.pipelines import catalogue

SHOWN_PARAMETERS = 3
LONGEST_VALUE = 40
Names = Mapping[str, str]


def steps(
    nodes: Sequence[Node], selected: int | None, problems: Mapping[int, Sequence[str]], names: Names
) -> Component:
    """The list, in order; `names` tell what ids of datasets stand for."""
    rows = [
        _step(
            node,
            [place == 0, place == len(nodes) - 1],
            [
                html.Span(amount(place + 1), className="step-number"),
                _words(node, problems.get(place, ()), names),
            ],
            f"{'chosen ' if place == selected else ''}{'wrong' if problems.get(place) else ''}",
        )
        for place, node in enumerate(nodes)
    ]
    return html.Ol(rows, className="steps")


def _words(node: Node, problems: Sequence[str], names: Names) -> Component:
    note = problems[0] if problems else summary(node, names)
    parts = [
        html.Span(node_title(node["node_type"]), className="step-title"),
        html.Span(note, className="step-note"),
    ]
    return html.Span(parts, className="step-words")


def _step(node: Node, ends: Sequence[bool], words: Sequence[Component], style: str) -> Component:
    """One step; `ends` says whether it is the first, and the last."""
    title = node_title(node["node_type"])
    button = html.Button(
        list(words),
        type="button",
        className="step-button",
        **{"aria-pressed": "true" if "chosen" in style else "false"},
        **does(PRESS, f"choose:{node['key']}"),
    )
    tools = [
        _tool("up", node, title, disabled=ends[0]),
        _tool("down", node, title, disabled=ends[1]),
        _tool("remove", node, title),
    ]
    look = f"step {style} {group_of(node['node_type'])}"
    return html.Li([button, html.Span(tools, className="step-tools")], className=look)


def _tool(action: str, node: Node, title: str, *, disabled: bool = False) -> Component:
    pictures = {"up": "up", "down": "down", "remove": "trash"}
    return dmc.ActionIcon(
        icon(pictures[action]),
        variant="subtle",
        color="gray",
        disabled=disabled,
        **{"aria-label": say(f"playground.step.{action}", name=title)},
        **does(PRESS, f"{action}:{node['key']}"),
    )


def group_of(node_type: str) -> str:
    """The style of a node's category."""
    about = catalogue.by_type().get(node_type)
    return f"of-{about['category'].replace(' ', '-')}" if about else "of-unknown"


def summary(node: Node, names: Names) -> str:
    """The first parameters in a line; without any, what kind of node it is."""
    given = [f"{field_label(name)}: {_short(value, names)}" for name, value in node["input"].items()]
    if given:
        return " · ".join(given[:SHOWN_PARAMETERS])
    about = catalogue.by_type().get(node["node_type"])
    return category_name(about["category"]) if about else ""


def _short(value: Any, names: Names) -> str:
    if isinstance(value, bool):
        return say("form.yes") if value else say("form.no")
    if isinstance(value, list):
        text = ", ".join(_short(each, names) for each in value)
    else:
        text = amount(value) if isinstance(value, int | float) else names.get(str(value), str(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def graph(nodes: Sequence[Node]) -> Component:
    """Which node takes rows from which, from left to right; nodes side by side stand in a column."""
    columns: dict[int, list[Component]] = {}
    levels = _levels(nodes)
    for place, node in enumerate(nodes):
        from_words = ", ".join(map(str, node.get("inputs") or ()))
        box = html.Span(
            [
                html.Span(node_title(node["node_type"])),
                html.Small(say("playground.graph.from", names=from_words)) if from_words else None,
            ],
            className=f"graph-node {group_of(node['node_type'])}",
        )
        columns.setdefault(levels[place], []).append(box)
    parts = [html.Li(columns[level], className="graph-column") for level in sorted(columns)]
    return html.Ol(
        parts, className="graph scroll", tabIndex=0, **{"aria-label": say("playground.graph.title")}
    )


def _levels(nodes: Sequence[Node]) -> list[int]:
    """How many steps each node is from a source; later nodes that one takes rows of do not count."""
    by_id: dict[str, int] = {}
    levels: list[int] = []
    for place, node in enumerate(nodes):
        about = catalogue.by_type().get(node["node_type"])
        is_source = about is not None and not about["inputs"]
        before = [by_id.get(str(name), 0) for name in node.get("inputs") or ()]
        after_last = [levels[-1]] if levels and not node.get("inputs") and not is_source else []
        levels.append(max([*before, *after_last], default=-1) + 1)
        by_id[str(node.get("id", f"node_{place + 1}"))] = levels[place]
    return levels

"""What came of a run, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from siprems_backend.dashboard.language import amount, duration, say
from siprems_backend.dashboard.pages.playground import outputs
from siprems_backend.dashboard.pages.playground.words import node_title, plain, problems_by_place
from siprems_backend.dashboard.parts.headings import section
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.services.task_registry import Details, states

Result = Mapping[str, Any]
MOST_COLUMNS_SHOWN = 60
COLORS = {"success": "teal", "failed": "red", "skipped": "gray"}


def layout(details: Details) -> Component | None:
    """The results of a run that has ended, or the node that failed."""
    task = details.task
    if task.status == states.SUCCESS and isinstance(task.result, dict):
        rows = task.result.get("results", [])
        return section(
            say("playground.results"),
            html.Ol([_node(place, result) for place, result in enumerate(rows)], className="results"),
            action=_files(details, task.result.get("output_files") or []),
        )
    return _failed(details) if task.status == states.FAILURE else None


def _node(place: int, result: Result) -> Component:
    title = node_title(result["node_type"])
    facts = [
        say("playground.rows", count=result["rows"]) if result.get("rows") is not None else None,
        say("playground.columns", count=len(result["columns"])) if result.get("columns") else None,
        say("playground.cached") if result.get("cached") else duration(result.get("seconds")),
    ]
    head = html.Div(
        [
            html.Span(amount(place + 1), className="step-number"),
            html.Span(title, className="step-title"),
            dmc.Badge(
                say(f"playground.status.{result['status']}"), color=COLORS.get(result["status"], "gray")
            ),
            _columns(" · ".join(fact for fact in facts if fact), result.get("columns")),
        ],
        className="result-head",
    )
    content = outputs.layout(result["node_type"], result.get("output") or {})
    return html.Li([head, content], className="result")


def _columns(facts: str, columns: Sequence[str] | None) -> Component:
    """The facts of a node, which open to the names of its columns."""
    if not columns:
        return html.Span(facts, className="result-facts")
    shown = [html.Code(name) for name in columns[:MOST_COLUMNS_SHOWN]]
    rest = len(columns) - len(shown)
    more = html.Span(say("playground.more_columns", count=rest)) if rest > 0 else None
    return html.Details(
        [html.Summary(facts), html.Div([*shown, more], className="codes")], className="result-facts"
    )


def _files(details: Details, files: Sequence[Mapping[str, Any]]) -> Component | None:
    links = [
        html.A(
            [icon("download"), " ", file["name"]],
            href=f"/api/v1/tasks/{details.task.id}/files/{quote(file['name'])}",
            className="download",
        )
        for file in files
    ]
    return dmc.Group(links, gap="md") if links else None


def _failed(details: Details) -> Component:
    """The error at its node: those before have done their work, those after did not begin."""
    error, progress = details.task.error or {}, details.task.progress or {}
    at = problems_by_place(error.get("fields") or {})
    body = details.task.kwargs.get("body")
    nodes = body.get("pipeline", []) if isinstance(body, dict) else []
    if not at or not nodes:
        name = node_title(progress["node_type"]) if progress.get("node_type") else None
        return dmc.Alert(plain(str(error.get("message") or "")), title=name, color="red")
    first = min(at)
    rows = [_outcome(place, node, first, at.get(place, [])) for place, node in enumerate(nodes)]
    return section(say("playground.results"), html.Ol(rows, className="results"))


def _outcome(place: int, node: Mapping[str, Any], first: int, messages: Sequence[str]) -> Component:
    status = "success" if place < first else "failed" if place == first else "skipped"
    head = html.Div(
        [
            html.Span(amount(place + 1), className="step-number"),
            html.Span(node_title(str(node.get("node_type"))), className="step-title"),
            dmc.Badge(say(f"playground.status.{status}"), color=COLORS[status]),
        ],
        className="result-head",
    )
    alerts = [dmc.Alert(message, color="red") for message in messages]
    return html.Li([head, *alerts], className="result")

"""Alert rules and dashboard ask for figures that exist, in a language that Prometheus understands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from flask import Flask
from prometheus_client import Metric

from siprems_backend.extensions.database import Database
from siprems_backend.extensions.metrics import REGISTRY
from siprems_backend.services.ledger_metrics import LedgerMetrics
from siprems_backend.services.process_metrics import ProcessMetrics
from siprems_backend.services.task_registry import TaskKind, states
from siprems_backend.services.task_registry.kinds import Queue

FOLDER = Path(__file__).resolve().parents[2] / "monitoring"
RULES = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "info": ("_info",),
    "histogram": ("_bucket", "_sum", "_count"),
}
# What Prometheus makes itself.
OWN = {"up", "ALERTS"}
LABELS = {
    "job": {"siprems-web", "siprems-worker"},
    "kind": {kind.value for kind in TaskKind},
    "queue": {queue.value for queue in Queue},
    "status": states.ALL,
    "state": {"waiting", "retrying", "running", "joining", "open", "in_use", "limit"},
    "interval": {"80", "95"},
    "verdict": {"watched", "biased", "drifted"},
    "outcome": {"trained", "unchanged", "skipped", "failed"},
}


def queries() -> Iterator[tuple[str, str]]:
    """(where it stands, PromQL) of everything that is asked."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]


@cache
def parsed(query: str) -> Any:
    # Grafana puts a duration in the variable's place.
    return promql_parser.parse(query.replace("$__rate_interval", "1m"))


def selectors(expression: Any) -> Iterator[Any]:
    """Every selector in a parsed expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
        return
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs", "param", "args"):
        below = getattr(expression, name, None)
        for part in below if isinstance(below, list) else [below]:
            if part is not None and not isinstance(part, str):
                yield from selectors(part)


def families(database: Database) -> list[Metric]:
    return [
        *REGISTRY.collect(),
        *LedgerMetrics().collect(),
        *ProcessMetrics().collect(),
    ]


@pytest.fixture
def existing(app: Flask, database: Database) -> dict[str, Metric]:
    """All series that can be asked for, by name."""
    return {family.name + suffix: family for family in families(database) for suffix in SUFFIXES[family.type]}


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_every_query_is_promql(where: str, query: str) -> None:
    assert list(selectors(parsed(query))), where
    # The parser must have shown all of them.
    named = set(re.findall(r"siprems_[a-z_]+", query))
    assert {selector.name for selector in selectors(parsed(query))} - OWN == named


def test_every_query_asks_for_what_exists(existing: dict[str, Metric]) -> None:
    asked = {selector.name for _, query in queries() for selector in selectors(parsed(query))}
    assert asked - OWN <= set(existing)
    # And nothing is measured that nobody looks at.
    unseen = {family.name for name, family in existing.items()} - {
        existing[name].name for name in asked - OWN
    }
    assert unseen == set()


def test_every_label_that_is_asked_for_can_have_that_value() -> None:
    for where, query in queries():
        for selector in selectors(parsed(query)):
            for matcher in selector.matchers.matchers:
                if matcher.name in LABELS and matcher.op == promql_parser.MatchOp.Equal:
                    known = LABELS[matcher.name]
                    assert matcher.value in known, (where, matcher.name, matcher.value)


def test_rules_say_what_happened_and_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "action"}
        assert all(text.strip() for text in rule["annotations"].values())
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))


def test_the_usual_disasters_have_a_rule() -> None:
    wanted = {
        "NoWorker",
        "QueueLate",
        "TasksFailing",
        "NightlyTrainingMissing",
        "ProductsFailed",
        "WorkersLost",
        "DiskNearlyFull",
        "ServerErrors",
        "Slow",
        "BeatSilent",
        "NotificationsFailing",
    }
    assert {f"Siprems{name}" for name in wanted} <= {rule["alert"] for rule in RULES}


def test_the_dashboard_can_be_put_into_any_grafana() -> None:
    assert DASHBOARD["uid"] == "siprems"
    [variable] = DASHBOARD["templating"]["list"]
    assert variable["type"] == "datasource"
    sources = re.findall(r'"uid": "([^"]*)"', json.dumps(PANELS))
    assert set(sources) == {"${datasource}"}
    ids = [panel["id"] for panel in PANELS]
    assert len(ids) == len(set(ids))
    assert "id" not in DASHBOARD


def test_panels_fill_the_page_without_overlapping() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    bottom = max(y for _, y in taken)
    assert taken == {(x, y) for x in range(24) for y in range(bottom + 1)}


def test_an_operator_finds_every_part() -> None:
    rows = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert rows == [
        "Overview",
        "Queues",
        "Tasks",
        "Workers",
        "API",
        "Training",
        "Forecasts",
        "Database, disks, notifications",
    ]


def test_grafana_is_told_where_everything_is() -> None:
    [source] = yaml.safe_load((FOLDER / "grafana" / "datasources.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    [provider] = yaml.safe_load((FOLDER / "grafana" / "dashboards.yml").read_text())["providers"]
    assert provider["options"]["path"] == "/var/lib/grafana-dashboards"

"""The playground's and the trainings' callbacks, and what they make of what browsers send."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.dashboard.pages.playground import draft, steps, words
from siprems_backend.dashboard.pages.playground.templates import TEMPLATES
from siprems_backend.dashboard.pages.workflow.timetable import cron_of
from siprems_backend.dashboard.parts.schema_form import Form, Words, kind_of
from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.services import pipelines
from siprems_backend.services.learned_models import requests
from siprems_backend.services.pipelines import catalogue
from siprems_backend.utils.roles import Role
from tests import factories
from tests.dashboard.calling import browser, call, callbacks_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
LAST = dt.date(2026, 6, 30)
SPLIT = {"key": "k2", "node_type": "split", "input": {}}
SALES = {"key": "k1", "node_type": "sales_history", "input": {}}


def output_with(app: Flask, part: str) -> str:
    """The callback that has this output."""
    return next(name for name in callbacks_of(app).roles if part in name and "@" not in name)


@given(JSON)
def test_any_draft_is_read(found: Any) -> None:
    assert draft.nodes_of(found) == [] or isinstance(found, dict)
    assert isinstance(draft.name_of(found), str)
    assert draft.selected_of(found) is None or draft.nodes_of(found)
    assert draft.workflow_of(found) is None or isinstance(found, dict)


def test_keys_stay_in_the_browser() -> None:
    made = draft.opened("x", [{"node_type": "split", "input": {"target": "a"}, "id": "s", "inputs": ["b"]}])
    assert draft.selected_of(made) == 0
    assert draft.body_of(made) == {
        "pipeline_name": "x",
        "pipeline": [{"node_type": "split", "input": {"target": "a"}, "id": "s", "inputs": ["b"]}],
    }


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("'target' is a required property.", "Still needed: Target."),
        ("k: 0 is less than the minimum of 1.", "How many columns: at least 1."),
        ("method: 'x' is not one of ['log', 'sqrt'].", "Method: choose one of 'log', 'sqrt'."),
        ("There is no column 'b'; there are a, c.", "There is no column 'b' here."),
        ("Something else.", "Something else."),
    ],
)
def test_problems_are_told_in_plain_words(said: str, told: str) -> None:
    assert words.plain(said) == told
    assert words.problems_by_place({"pipeline.2.input.k": [said], "name": ["?"]}) == {2: [told]}


@pytest.mark.parametrize("node_type", sorted(catalogue.by_type()))
def test_every_node_has_words_and_a_form(app: Flask, node_type: str) -> None:
    node = catalogue.by_type()[node_type]
    with app.test_request_context():
        assert words.node_title(node_type) != node_type
        assert words.node_about(node_type)
        assert words.category_name(node["category"]) != node["category"]
        made = Form("f", "k", words.field_words(node_type), {}).fields(node["parameters"], {})
    assert len(made.children) == len(node["parameters"]["properties"])


@pytest.mark.parametrize("model_type", ["prophet", "lightgbm", "pytorch", "all"])
def test_every_training_has_a_form(app: Flask, database: Database, model_type: str) -> None:
    schema = next(each for each in requests.catalogue() if each["model_type"] == model_type)["parameters"]
    with app.test_request_context():
        made = Form("f", "k", lambda name, of: Words(name, of["description"]), {}).fields(schema, {})
    assert len(made.children) == len(schema["properties"])


def test_kinds_of_fields() -> None:
    assert kind_of({"type": ["number", "string"]}) == "any"
    assert kind_of({"type": "array", "items": {"type": "integer"}}) == "numbers"
    assert kind_of({"type": "string", "format": "date"}) == "day"


def test_branches_stand_side_by_side() -> None:
    nodes = [
        {"key": "1", "node_type": "dataset", "id": "a", "input": {}},
        {"key": "2", "node_type": "columns", "id": "b", "inputs": ["a"], "input": {}},
        {"key": "3", "node_type": "columns", "id": "c", "inputs": ["a"], "input": {}},
        {"key": "4", "node_type": "join", "inputs": ["b", "c"], "input": {}},
    ]
    assert [len(column.children) for column in steps.graph(nodes).children] == [1, 2, 1]


@pytest.mark.parametrize(
    ("when", "at", "cron"),
    [("day", "4:05", "5 4 * * *"), ("MON", "23:59:00", "59 23 * * MON"), ("month", "00:00", "0 0 1 * *")],
)
def test_rules_of_schedules(when: str, at: str, cron: str) -> None:
    assert cron_of(when, at) == cron


@pytest.mark.parametrize(("when", "at"), [("day", "24:00"), ("day", None), ("* *", "4:00"), (None, "4:00")])
def test_rules_that_make_no_sense(when: str | None, at: str | None) -> None:
    with pytest.raises(Invalid):
        cron_of(when, at)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_templates_can_run_on_any_shop(app: Flask, database: Database, name: str) -> None:
    caller = factories.make_principal(database)
    pipelines.check({"pipeline": TEMPLATES[name]()}, caller)
    factories.sell(database, factories.make_product(database), [1.0, 2.0] * 60, until=LAST)
    pipelines.check({"pipeline": TEMPLATES[name]()}, caller)


def test_what_is_built_is_drawn_with_its_problems(app: Flask, database: Database) -> None:
    client = browser(app, Role.ANALYST)
    output = output_with(app, "build-steps.children")
    nodes = {"name": "x", "nodes": [SALES, SPLIT], "selected": "k2", "workflow": None}
    text = call(app, client, output, {"pipeline-draft.data": nodes}).get_data(as_text=True)
    assert "Still needed: Target." in text
    assert '"label":"Target"' in text
    assert "quantity" in text
    unknown = call(app, client, output, {"pipeline-draft.data": None}).get_json()["response"]
    assert "pipeline-name" not in unknown, "it would take the place of the name that the browser keeps"
    for broken in (None, [], {"nodes": "x"}, {"nodes": [{"key": 1}]}):
        response = call(app, client, output, {"pipeline-draft.data": broken})
        assert "Price sensitivity" in response.get_data(as_text=True)


def test_a_run_is_submitted_once_it_can_run(app: Flask, database: Database) -> None:
    client = browser(app, Role.ANALYST)
    given_draft = {"name": "x", "nodes": [SALES, SPLIT], "selected": None}
    values = {"pipeline-run.n_clicks": 1, "pipeline-draft.data": given_draft}
    refused = call(app, client, "playground-task.data", values).get_data(as_text=True)
    assert "Some steps are not ready yet" in refused
    given_draft["nodes"] = [SALES, {**SPLIT, "input": {"target": "quantity"}}]
    sent = call(app, client, "playground-task.data", values).get_json()
    task_id = sent["response"]["playground-task"]["data"]
    panel = call(app, client, output_with(app, "run-panel.children"), {"playground-task.data": task_id})
    assert "Waits for a worker" in panel.get_data(as_text=True)
    for lost in ("no id", "0b7f2f8e-8c5a-4f0e-9d53-0a4f7a3c2b11"):
        answer = call(app, client, output_with(app, "run-panel.children"), {"playground-task.data": lost})
        assert answer.get_json()["response"]["run-panel"]["children"] is None


def test_a_pipeline_is_saved_and_saved_again(app: Flask, database: Database) -> None:
    client = browser(app, Role.ANALYST)
    output = next(
        name for name in callbacks_of(app).roles
        if name.startswith("pipeline-opened.data@")
        and any(
            each["output"] == name and each["inputs"][0]["id"] == "pipeline-save"
            for each in callbacks_of(app).application._callback_list
        )
    )  # fmt: skip
    kept = {"name": " ", "nodes": [SALES], "selected": None, "workflow": None}
    values = {"pipeline-save.n_clicks": 1, "pipeline-draft.data": kept}
    assert "write something" in call(app, client, output, values).get_data(as_text=True)
    kept["name"] = "Sales"
    first = call(app, client, output, values).get_json()["response"]["pipeline-opened"]["data"]
    assert first["workflow"]["version"] == 1
    first["nodes"] = [{**SALES, "input": {"category": "Bread"}}]
    again = call(app, client, output, {**values, "pipeline-draft.data": first}).get_json()
    assert again["response"]["pipeline-opened"]["data"]["workflow"]["version"] == 2
    stale = call(app, client, output, {**values, "pipeline-draft.data": first}).get_data(as_text=True)
    assert "changed meanwhile" in stale


def test_a_training_is_submitted_with_what_was_chosen(app: Flask, database: Database) -> None:
    client = browser(app, Role.ANALYST)
    values = {"training-start.n_clicks": 1, "training-type.value": "lightgbm", "training-values.data": {}}
    values["training-values.data"] = {"epochs": 0}
    assert "between 1 and 5000" in call(app, client, "training-task.data", values).get_data(as_text=True)
    values["training-values.data"] = {"epochs": 5}
    answer = call(app, client, "training-task.data", values).get_json()
    task_id = answer["response"]["training-task"]["data"]
    shown = call(app, client, output_with(app, "training-panel.children"), {"training-task.data": task_id})
    assert "Training: LightGBM" in shown.get_data(as_text=True)

"""What executions may change in a workflow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siprems_backend.errors import Invalid, TooLarge
from siprems_backend.services.workflows.inputs import filled
from tests.services.workflows.bodies import NOWHERE, definition, houses, joined, parameter

WORDS = st.sampled_from(["", "dataset_id", "target", "é", "x y"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=5,
)


def given_to(nodes: Any, place: int) -> Any:
    return nodes[place]["input"]


def test_nothing_changes_nothing() -> None:
    assert filled(definition(), {}) == houses()


@pytest.mark.parametrize("name", ["dataset_id", "upload_file", "node_1"])
def test_the_source_by_what_it_takes_its_type_or_its_id(name: str) -> None:
    value: Any = "mine" if name == "dataset_id" else {"dataset_id": "mine"}
    assert given_to(filled(definition(), {name: value}), 0) == {"dataset_id": "mine"}


def test_other_inputs_of_a_node_stay() -> None:
    nodes = filled(definition(), {"split": {"test_size": 0.5}})
    assert given_to(nodes, 3) == {"target": "price", "random_state": 1, "test_size": 0.5}


def test_a_parameter_sets_all_it_stands_for() -> None:
    column = parameter(("missing_values", "columns"), ("node_3", "columns"))
    nodes = filled(definition(column=column), {"column": ["x"]})
    assert (given_to(nodes, 1)["columns"], given_to(nodes, 2)["columns"]) == (["x"], ["x"])


def test_what_is_more_telling_wins() -> None:
    own = parameter(("node_1", "dataset_id"))
    names: dict[str, Any] = {
        "dataset_id": "source",
        "upload_file": {"dataset_id": "type"},
        "node_1": {"dataset_id": "id"},
        "own": "parameter",
    }
    for winner in ("parameter", "id", "type", "source"):
        assert given_to(filled(definition(own=own), names), 0)["dataset_id"] == winner
        names.popitem()


def test_a_parameter_goes_before_the_source_of_the_same_name() -> None:
    dataset_id = parameter(("left", "dataset_id"), ("right", "dataset_id"))
    nodes = filled(definition(joined(), dataset_id=dataset_id), {"dataset_id": "mine"})
    assert given_to(nodes, 0) == given_to(nodes, 1) == {"dataset_id": "mine"}


def test_a_type_means_all_nodes_of_it() -> None:
    nodes = filled(definition(joined()), {"dataset": {"dataset_id": "mine"}})
    assert given_to(nodes, 0) == given_to(nodes, 1) == {"dataset_id": "mine"}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"nobody": 1}, "neither a parameter nor a node"),
        ({"target": "price"}, "neither a parameter nor a node"),
        ({"upload_file": "mine"}, "object"),
        ({"upload_file": None}, "object"),
        ({"": {}}, "neither"),
    ],
)
def test_names_that_mean_nothing_are_named(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        filled(definition(), inputs)
    assert caught.value.code == "invalid_inputs"
    (problem,) = caught.value.fields[f"inputs.{next(iter(inputs))}"]
    assert said in problem


def test_an_input_of_several_sources_must_be_told_apart() -> None:
    with pytest.raises(Invalid, match="Several sources take this"):
        filled(definition(joined()), {"dataset_id": "mine"})


def test_required_parameters_must_be_given() -> None:
    needed = definition(data=parameter(("upload_file", "dataset_id"), required=True))
    with pytest.raises(Invalid) as caught:
        filled(needed, {})
    assert caught.value.fields == {"inputs.data": ["Must be given."]}
    assert given_to(filled(needed, {"data": NOWHERE}), 0) == {"dataset_id": NOWHERE}


def test_inputs_have_a_bound() -> None:
    with pytest.raises(TooLarge):
        filled(definition(), {"dataset_id": "x" * 70_000})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["dataset_id", "split", "node_5", "upload_file", "no"]), JSON))
def test_whatever_is_given_the_saved_nodes_stay_as_they_are(inputs: dict[str, Any]) -> None:
    saved = definition()
    try:
        nodes = filled(saved, inputs)
    except Invalid:
        pass
    else:
        assert [node["node_type"] for node in nodes] == [node["node_type"] for node in saved.pipeline]
    assert saved.pipeline == houses()

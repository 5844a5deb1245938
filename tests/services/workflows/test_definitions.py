"""What may be saved."""

from __future__ import annotations

from typing import Any

import pytest

from siprems_backend.errors import Invalid, ServiceError, TooLarge
from siprems_backend.services.workflows.definitions import Definition, checked
from tests.services.workflows.bodies import definition, houses, joined, parameter


def refusal(wanted: Definition) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        checked(wanted)
    return caught.value


def test_lists_and_graphs() -> None:
    for wanted in (definition(), definition(joined(), data=parameter(("left", "dataset_id")))):
        assert checked(wanted) == wanted


@pytest.mark.parametrize(
    ("place", "node", "said"),
    [
        (1, {"node_type": "no_such_node"}, "no such node"),
        (1, {"node_type": "missing_values", "input": {"strategy": "guess"}}, "guess"),
        (4, {"node_type": "linear_regression", "inputs": ["node_5"]}, "cycle"),
        (3, {"node_type": "profile"}, "split"),
    ],
)
def test_what_cannot_run_is_refused_and_the_node_named(place: int, node: dict[str, Any], said: str) -> None:
    nodes = houses()
    nodes[place] = node
    error = refusal(definition(nodes))
    assert error.code == "invalid_pipeline"
    assert said in error.message
    assert "Node 'node_" in error.message


@pytest.mark.parametrize("pipeline", [[], [{}], ["x"], [{"node_type": 5}], [{"node_type": "x" * 101}]])
def test_what_is_no_pipeline(pipeline: list[Any]) -> None:
    assert refusal(Definition(pipeline)).code == "invalid_pipeline"


@pytest.mark.parametrize(
    ("name", "sets", "field"),
    [
        ("data", ("nobody", "dataset_id"), "parameters.data.sets.0"),
        ("data", ("upload_file", "target"), "parameters.data.sets.0"),
        ("split", ("upload_file", "dataset_id"), "parameters.split"),
        ("node_1", ("upload_file", "dataset_id"), "parameters.node_1"),
    ],
)
def test_parameters_stand_for_inputs_that_there_are(name: str, sets: tuple[str, str], field: str) -> None:
    error = refusal(definition(**{name: parameter(sets)}))
    assert error.code == "invalid_parameters"
    assert list(error.fields) == [field]


def test_size_and_depth_have_bounds() -> None:
    assert isinstance(
        refusal(definition([{"node_type": "dataset", "input": {"x": "y" * 300_000}}])), TooLarge
    )
    deep: Any = 1
    for _ in range(600):
        deep = [deep]
    error = refusal(definition([{"node_type": "dataset", "input": {"x": deep}}]))
    assert isinstance(error, Invalid)
    assert error.code == "nested_too_deeply"

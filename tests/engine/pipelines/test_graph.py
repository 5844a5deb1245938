"""What is found wrong with a pipeline before anything runs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_engine.pipelines import InvalidPipeline, Problem, check
from tests.engine.pipelines.houses import GUIDE, SOURCE, SPLIT, Frames, body, houses, node

SOURCES = Frames(houses=houses(20), cities=pd.DataFrame({"city": ["Izmir"], "people": [3]}))
CITIES = node("dataset", "cities", dataset_id="cities")
LINEAR = node("linear_regression")
SCALING = node("scaling")


def problems(*nodes: Any) -> tuple[Problem, ...]:
    with pytest.raises(InvalidPipeline) as caught:
        check(body(*nodes), SOURCES)
    return caught.value.problems


@pytest.mark.parametrize(
    ("nodes", "index", "field", "says"),
    [
        ((SOURCE, node("scalling")), 1, "node_type", "did you mean 'scaling'"),
        ((SOURCE, node("scaling", method="log")), 1, "input.method", "'log' is not one of"),
        ((SOURCE, node("encoding")), 1, "input", "'method' is a required property"),
        ((SOURCE, node("scaling", clmns=["area"])), 1, "input", "'clmns' was unexpected"),
        ((SCALING,), 0, "inputs", "begin with a source"),
        ((SOURCE, node("scaling", inputs=["nobody"])), 1, "inputs", "no node with the id 'nobody'"),
        ((SOURCE, node("scaling", inputs=["node_1", "node_1"])), 1, "inputs", "takes 1 inputs (rows), not 2"),
        ((SOURCE, node("join", on=["city"])), 1, "inputs", "takes 2 inputs (left, right), not 1"),
        ((node("dataset", "a", dataset_id="houses"), node("profile", "a")), 0, "id", "same id"),
        (
            (SOURCE, node("scaling", columns=["rooms"])),
            1,
            "input.columns",
            "no column 'rooms'; there are age, area",
        ),
        (
            (
                SOURCE,
                node("encoding", method="one_hot", columns=["city"]),
                node("encoding", method="label", columns=["city"]),
            ),
            2,
            "input.columns",
            "no column 'city' any more",
        ),
        ((SOURCE, node("split", target="cost")), 1, "input.target", "no column 'cost'"),
        ((SOURCE, node("split", target="price", method="time")), 1, "input", "needs `time_column`"),
        ((SOURCE, LINEAR), 1, "inputs", "put a `split` before it"),
        ((SOURCE, SPLIT, node("metrics")), 2, "inputs", "needs a model"),
        ((SOURCE, SPLIT, node("profile"), SPLIT), 3, "inputs", "split already (by 'node_2')"),
        (
            (SOURCE, node("feature_selection", method="f_score", k=2)),
            1,
            "inputs",
            "add a `split` with the `target`",
        ),
        ((SOURCE, node("encoding", method="one_hot", columns=["price"]), SPLIT), 1, "input", "is the target"),
        ((SOURCE, node("missing_values", strategy="constant")), 1, "input", "needs `fill_value`"),
        (
            (SOURCE, node("missing_values", strategy="mean", columns=["price"]), SPLIT),
            1,
            "input",
            "do not fill it",
        ),
        ((SOURCE, SPLIT, node("columns", drop=["price"])), 2, "input", "must be kept"),
    ],
)
def test_a_problem_names_the_node_and_says_what_to_do(
    nodes: tuple[Any, ...], index: int, field: str, says: str
) -> None:
    found = [problem for problem in problems(*nodes) if says in problem.message]
    assert [(problem.index, problem.field) for problem in found][:1] == [(index, field)], problems(*nodes)
    assert found[0].node_type == nodes[index]["node_type"]
    assert found[0].id in (nodes[index].get("id"), f"node_{index + 1}")


def test_a_node_that_would_learn_from_the_test_rows_of_a_second_split() -> None:
    second = node("split", "second", ["scaled"], target="price", random_state=2)
    first = node("split", "first", ["scaled"], target="price", random_state=1)
    (problem,) = problems({**SOURCE, "id": "rows"}, node("scaling", "scaled", ["rows"]), first, second)
    assert (problem.index, problem.id) == (1, "scaled")
    assert "test rows" in problem.message


def test_nothing_learns_before_a_join_and_nothing_is_split_before_one() -> None:
    rows = node("dataset", "rows", dataset_id="houses")
    join = node("join", "joined", ["before", "cities"], on=["city"])
    (problem,) = problems(rows, node("scaling", "before"), CITIES, join)
    assert (problem.id, "behind the join" in problem.message) == ("before", True)
    (problem,) = problems(rows, {**SPLIT, "id": "before"}, CITIES, join)
    assert (problem.id, "join before the split" in problem.message) == ("joined", True)


def test_all_problems_are_told_at_once() -> None:
    assert [p.index for p in problems(SOURCE, node("x"), node("scaling", method="x"), node("y"))] == [1, 2, 3]


@pytest.mark.parametrize(
    "wrong", [{}, {"pipeline": []}, {"pipeline": {}}, {"pipeline": [3]}, {"pipeline": [{}]}, []]
)
def test_a_body_of_the_wrong_form_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidPipeline):
        check(wrong, SOURCES)


def test_the_guide_is_sound() -> None:
    assert check(GUIDE, SOURCES).order == tuple(range(7))


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    """Any wiring of joins: for each node the two it takes."""
    count = draw(st.integers(1, 8))
    place = st.integers(0, count)
    return [draw(st.lists(place, min_size=2, max_size=2)) for _ in range(count)]


@given(graphs())
def test_a_graph_is_ordered_or_its_cycle_named(wires: list[list[int]]) -> None:
    joins = [
        node("join", f"n{i}", [f"n{a}", f"n{b}"], on=["city"]) for i, (a, b) in enumerate(wires, start=1)
    ]
    nodes = [node("dataset", "n0", dataset_id="houses"), *joins]
    try:
        plan = check(body(*nodes), SOURCES)
    except InvalidPipeline as error:
        found = error.problems
    else:
        rank = {place: position for position, place in enumerate(plan.order)}
        assert sorted(rank) == list(range(len(nodes)))
        assert all(rank[a] < rank[i] for i, pair in enumerate(wires, start=1) for a in pair)
        return
    at_fault = {problem.index for problem in found}
    assert all("cycle" in problem.message for problem in found)
    # Each node at fault takes from another at fault: they do go round.
    assert all(at_fault & set(wires[place - 1]) for place in at_fault)


@given(st.permutations(range(7)))
def test_a_graph_may_be_listed_in_any_order(places: list[int]) -> None:
    linked = [
        {**spec, "id": f"n{i}", "inputs": [f"n{i - 1}"] if i else []}
        for i, spec in enumerate(GUIDE["pipeline"])
    ]
    plan = check(body(*(linked[place] for place in places)), SOURCES)
    assert [places[position] for position in plan.order] == list(range(7))

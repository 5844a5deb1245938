"""Columns that reach the nodes of a pipeline that is still being built."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import SourceError, columns_before


class Rows:
    """A source with two columns, and one that is not there."""

    def columns(self, node_type: str, parameters: Any) -> list[str]:
        if parameters.get("dataset_id") == "gone":
            raise SourceError("There is no such dataset.", "dataset_id")
        return ["city", "price"]

    def frame(self, node_type: str, parameters: Any) -> Any:
        raise AssertionError("nothing runs")


def names(*nodes: dict[str, Any]) -> list[set[str]]:
    return [set(known.names) for known in columns_before(nodes, Rows())]


def node(node_type: str, **parameters: Any) -> dict[str, Any]:
    return {"node_type": node_type, "input": parameters}


def test_columns_come_and_go() -> None:
    found = names(
        node("dataset", dataset_id="x"),
        node("columns", drop=["city"]),
        node("lags", columns=["price"], lags=[1]),
        node("metrics"),
    )
    assert found == [set(), {"city", "price"}, {"price"}, {"price", "price_lag_1"}]


def test_unfinished_and_unknown_nodes_leave_columns_as_they_are() -> None:
    found = names(node("dataset", dataset_id="x"), node("lags"), node("no_such_node"), node("split"))
    assert found[1:] == [{"city", "price"}] * 3


def test_a_source_that_is_not_there_has_none() -> None:
    assert names(node("dataset", dataset_id="gone"), node("split")) == [set(), set()]
    assert names(node("split")) == [set()]


def test_branches_are_followed_by_their_ids() -> None:
    found = names(
        {**node("dataset", dataset_id="x"), "id": "a"},
        {**node("columns", keep=["city"]), "id": "b", "inputs": ["a"]},
        {**node("profile"), "inputs": ["a"]},
        {**node("join", on=["city"]), "inputs": ["a", "b"]},
        {**node("profile"), "inputs": ["nowhere"]},
    )
    assert found == [set(), {"city", "price"}, {"city", "price"}, {"city", "price"}, set()]

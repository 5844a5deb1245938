"""Running: progress, cancelling, errors, branches, and the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siprems_engine.pipelines.cache import FolderCache
from siprems_engine.pipelines.results import RunResult
from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import GUIDE, SOURCE, SPLIT, Frames, body, houses, node


class Cancelled(Exception):
    """What a caller raises to end a run."""


def without_seconds(result: RunResult) -> list[dict[str, Any]]:
    return [{k: v for k, v in r.as_json().items() if k not in ("seconds", "cached")} for r in result.results]


def cached(result: RunResult) -> list[str]:
    return [r.node_type for r in result.results if r.cached]


def test_progress_is_told_before_each_node() -> None:
    told: list[tuple[int, int, str, str]] = []
    run(GUIDE, Frames(houses=houses()), on_progress=lambda *words: told.append(words))
    assert [words[:3] for words in told] == [
        (number, 7, spec["node_type"]) for number, spec in enumerate(GUIDE["pipeline"], start=1)
    ]
    assert told[-1][3] == "Executing node: linear_regression"


def test_progress_can_end_the_run() -> None:
    told: list[str] = []

    def cancel(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        told.append(node_type)
        if node_type == "scaling":
            raise Cancelled

    with pytest.raises(Cancelled):
        run(GUIDE, Frames(houses=houses()), on_progress=cancel)
    assert told == ["upload_file", "missing_values", "encoding", "scaling"]


def test_an_error_names_its_node_and_keeps_what_came_before() -> None:
    result = run(
        body(
            SOURCE,
            node("profile"),
            node("scaling", "to scale", columns=["city"]),
            SPLIT,
            node("linear_regression"),
        ),
        Frames(houses=houses()),
    )
    assert not result.success
    assert [r.status for r in result.results] == ["success", "success", "failed", "skipped", "skipped"]
    failed = result.results[2]
    assert (failed.id, failed.node_type) == ("to scale", "scaling")
    assert failed.error == {
        "index": 2,
        "field": "input.columns",
        "parameters": {"method": "standard", "columns": ["city"]},
        "message": "Columns 'city' hold no numbers; name others in `columns`.",
    }
    assert result.results[1].output["rows"] == 200
    json.dumps(result.as_json(), allow_nan=False)


def test_a_source_without_rows_is_an_error_of_its_node() -> None:
    (result,) = run(body(node("dataset", dataset_id="gone")), Frames()).results
    assert (result.status, result.error["message"]) == ("failed", "There is no dataset 'gone'.")


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ([SPLIT, node("linear_regression")], "encode them"),
        ([node("columns", drop=["city"]), SPLIT, node("linear_regression")], "'area' have empty values"),
        ([node("transform", method="log", columns=["age"])], "give an `offset`"),
        ([node("calendar", column="city")], "holds no dates"),
        ([node("validate", ranges={"age": {"max": 3}})], "out of range"),
        ([node("encoding", method="label"), node("columns", keep=["city", "price"]), SPLIT,
          node("feature_selection", method="chi_square", k=1)], "needs classes"),
        ([node("columns", keep=["age"]), node("k_means", n_clusters=100)], "lower `n_clusters`"),
    ],
)  # fmt: skip
def test_what_data_do_not_allow_is_told_with_what_to_do(nodes: list[Any], says: str) -> None:
    result = run(body(SOURCE, *nodes), Frames(houses=houses()))
    (failed,) = [r for r in result.results if r.status == "failed"]
    assert says in failed.error["message"]
    assert failed.node_type == nodes[-1]["node_type"]


def test_branches_from_one_split_and_a_join_before_it() -> None:
    people = pd.DataFrame({"city": ["Ankara", "Izmir", "Bursa"], "people": [5, 4, 3]})
    result = run(
        body(
            node("dataset", "houses", dataset_id="houses"),
            node("dataset", "people", dataset_id="people"),
            node("join", "joined", ["houses", "people"], on=["city"]),
            node("columns", "numbers", ["joined"], drop=["city", "area"]),
            node("split", "split", ["numbers"], target="price"),
            node("linear_regression", "line", ["split"]),
            node("decision_tree", "tree", ["split"], max_depth=3),
            node("metrics", "of the line", ["line"]),
            node("metrics", "of the tree", ["tree"]),
        ),
        Frames(houses=houses(), people=people),
    )
    assert result.success, result.as_json()
    by_id = {r.id: r for r in result.results}
    assert by_id["numbers"].columns == ["age", "price", "people"]
    for model in ("line", "tree"):
        assert by_id[f"of the {model}"].output["metrics"] == by_id[model].output["metrics"]
    assert by_id["line"].output["metrics"] != by_id["tree"].output["metrics"]
    assert len(result.models) == 2


def test_the_same_seed_gives_the_same_results_and_another_does_not() -> None:
    nodes = [{**spec, "input": {**spec["input"]}} for spec in GUIDE["pipeline"]]
    del nodes[5]["input"]["random_state"]
    runs = [run(body(*nodes), Frames(houses=houses()), seed=seed) for seed in (1, 1, 2)]
    assert without_seconds(runs[0]) == without_seconds(runs[1])
    assert without_seconds(runs[0]) != without_seconds(runs[2])


def test_a_rerun_finds_everything_and_agrees(tmp_path: Path) -> None:
    cache, sources = FolderCache(tmp_path / "cache"), Frames(houses=houses())
    first, second = (run(GUIDE, sources, cache=cache) for _ in range(2))
    assert cached(first) == []
    assert cached(second) == [spec["node_type"] for spec in GUIDE["pipeline"][1:]]
    assert without_seconds(first) == without_seconds(second)
    ask = houses().drop(columns="price").head()
    answers = [next(iter(result.models.values())).predict(ask) for result in (first, second)]
    np.testing.assert_array_equal(*answers)


def test_a_rerun_after_changing_the_last_node_starts_there(tmp_path: Path) -> None:
    cache, sources = FolderCache(tmp_path), Frames(houses=houses())
    run(GUIDE, sources, cache=cache)
    changed = body(*GUIDE["pipeline"][:-1], node("decision_tree", max_depth=2))
    fresh, rerun = run(changed, sources), run(changed, sources, cache=cache)
    assert cached(rerun) == [spec["node_type"] for spec in GUIDE["pipeline"][1:-1]]
    assert without_seconds(rerun) == without_seconds(fresh)


@pytest.mark.parametrize("change", ["rows", "split", "seed"])
def test_other_rows_another_split_or_seed_find_nothing(tmp_path: Path, change: str) -> None:
    cache, rows = FolderCache(tmp_path), houses()
    run(GUIDE, Frames(houses=rows), cache=cache)
    nodes = list(GUIDE["pipeline"])
    if change == "rows":
        rows = rows.assign(age=rows["age"] + (rows.index == 3))
    if change == "split":
        nodes[5] = node("split", target="price", test_size=0.25, random_state=2)
    rerun = run(body(*nodes), Frames(houses=rows), cache=cache, seed=int(change == "seed"))
    assert cached(rerun) == []


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    cache, sources = FolderCache(tmp_path), Frames(houses=houses())
    first = run(GUIDE, sources, cache=cache)
    for path in tmp_path.glob("*/frame.parquet"):
        path.write_bytes(b"nothing")
    changed = body(*GUIDE["pipeline"][:-1], node("decision_tree", max_depth=2))
    assert run(changed, sources, cache=cache).success
    assert without_seconds(run(GUIDE, sources, cache=cache)) == without_seconds(first)


def test_rows_that_parquet_cannot_hold_are_only_not_kept(tmp_path: Path) -> None:
    cache, rows = FolderCache(tmp_path), pd.DataFrame({"mixed": [1, "one", None], "x": [1.0, 2.0, 3.0]})
    nodes = body(node("dataset", dataset_id="d"), node("scaling", columns=["x"]))
    assert [cached(run(nodes, Frames(d=rows), cache=cache)) for _ in range(2)] == [[], []]
    assert list(tmp_path.iterdir()) == []

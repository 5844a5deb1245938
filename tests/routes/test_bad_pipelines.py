"""Pipelines that cannot be: each is answered with one clear error, and leaves nothing behind."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from siprems_backend.config import Settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.pipeline_models import PipelineModel
from siprems_backend.models.task_files import TaskFile
from siprems_backend.services import datasets, pipelines
from siprems_backend.utils.roles import Role
from tests.engine.pipelines.houses import node
from tests.routes.test_pipelines import API, AsRole, analyst, patient, upload, worker

__all__ = ["analyst", "patient", "worker"]

SPLIT = node("split", target="y", random_state=1)
LINE = node("linear_regression")
TREE = node("decision_tree")
TABLE = "x,z,city,day,y\n" + "".join(
    f"{i % 7},{i * i % 11},{'abc'[i % 3]},2026-01-{i % 28 + 1:02d},{2.5 * i}\n" for i in range(40)
)


def table(**columns: Any) -> str:
    """A CSV file of columns; a single value is that of all 40 rows."""
    wide = {name: values if isinstance(values, list) else [values] * 40 for name, values in columns.items()}
    rows = zip(*wide.values(), strict=True)
    return "\n".join([",".join(wide), *(",".join(map(str, row)) for row in rows)]) + "\n"


NUMBERS = list(range(40))
FEW = {"x": NUMBERS, "y": NUMBERS}

# What is wrong: (nodes after the source, place of the node at fault, its field, words of the message, table).
WRONG: dict[str, tuple[Any, ...]] = {
    "an unknown node": ([node("scalling")], 1, "node_type", "did you mean 'scaling'"),
    "a node that is a number": ([7], 1, "", "not of type 'object'"),
    "a node without a type": ([{"input": {}}], 1, "", "'node_type' is a required property"),
    "a word for a number": (
        [node("feature_selection", method="rfe", k="four"), SPLIT],
        1,
        "input.k",
        "integer",
    ),
    "a share above one": ([node("split", target="y", test_size=2)], 1, "input.test_size", "maximum"),
    "an unknown parameter": ([node("scaling", clmns=["x"])], 1, "input", "'clmns' was unexpected"),
    "a parameter left out": ([node("encoding")], 1, "input", "'method' is a required property"),
    "an unknown method": ([node("scaling", method="log")], 1, "input.method", "'log' is not one of"),
    "a list with a hole": (
        [node("scaling", columns=["x", None])],
        1,
        "input.columns.1",
        "not of type 'string'",
    ),
    "an input that is not there": ([node("scaling", "s", ["nobody"])], 1, "inputs", "no node with the id"),
    "the same id twice": ([node("profile", "a"), node("profile", "a")], 1, "id", "same id"),
    "a join of one": ([node("join", on=["x"])], 1, "inputs", "takes 2 inputs"),
    "a missing column": ([node("scaling", columns=["rooms"])], 1, "input.columns", "no column 'rooms'"),
    "a column that is gone": (
        [
            node("encoding", method="one_hot", columns=["city"]),
            node("encoding", method="label", columns=["city"]),
        ],
        2,
        "input.columns",
        "any more",
    ),
    "a target that is no column": ([node("split", target="price")], 1, "input.target", "no column 'price'"),
    "a model without a split": ([LINE], 1, "inputs", "put a `split` before it"),
    "an evaluation without a model": ([SPLIT, node("metrics")], 2, "inputs", "needs a model"),
    "a selection without a target": (
        [node("feature_selection", method="rfe", k=1)],
        1,
        "inputs",
        "add a `split`",
    ),
    "two splits": ([SPLIT, node("profile"), SPLIT], 3, "inputs", "split already"),
    "a target spread over columns": (
        [SPLIT, node("encoding", method="one_hot", columns=["y"])],
        2,
        "input",
        "is the target",
    ),
    "an invented target": (
        [node("missing_values", strategy="mean", columns=["y"]), SPLIT],
        1,
        "input",
        "do not fill it",
    ),
    "a path as the name of a file": (
        [node("export", name="../../etc/passwd")],
        1,
        "input.name",
        "does not match",
    ),
    "a name of a file with a NUL": ([node("export", name="a\0b")], 1, "input.name", "does not match"),
    "a split by an unknown time": ([node("split", target="y", method="time")], 1, "input", "time_column"),
    "a text among numbers": ([node("scaling", columns=["city"])], 1, "input.columns", "hold no numbers"),
    "a text for a model": ([SPLIT, LINE], 2, "input", "encode them"),
    "a column without any value": (
        [node("missing_values", strategy="mean", columns=["z"]), SPLIT, LINE],
        1,
        "input.columns",
        "no value at all",
        table(**FEW, z=""),
    ),
    "a column without any value, unnamed": (
        [SPLIT, LINE],
        2,
        "input",
        "no value at all",
        table(x="", w=NUMBERS, y=NUMBERS),
    ),
    "one class": ([SPLIT, TREE], 2, "input", "nothing to tell apart", table(x=NUMBERS, y="yes")),
    "one row": ([SPLIT, LINE], 1, "input", "1 rows cannot be split", "x,y\n1,2\n"),
    "a target with holes": ([SPLIT, LINE], 2, "input", "40 empty values", table(x=NUMBERS, y="", w=NUMBERS)),
    "ten thousand categories": (
        [node("encoding", method="one_hot", columns=["city"]), SPLIT, LINE],
        1,
        "input.columns",
        "7,500 different values",
        "city,y\n" + "".join(f"c{i},{i}\n" for i in range(10_000)),
    ),
    "chi-square of numbers": (
        [node("columns", keep=["x", "y"]), node("feature_selection", method="chi_square", k=1), SPLIT],
        2,
        "input",
        "needs classes",
    ),
    "a logarithm of zero": (
        [node("transform", method="log", columns=["x"])],
        1,
        "input.columns",
        "yeo_johnson",
    ),
    "a calendar of cities": ([node("calendar", column="city")], 1, "input.column", "holds no dates"),
    "holidays of nowhere": ([node("holidays", column="day", country="ZZ")], 1, "input", "not known"),
    "a class of one row": (
        [node("split", target="y", method="stratified"), TREE],
        1,
        "input",
        "least populated",
        table(x=NUMBERS, y=["a", *["b"] * 39]),
    ),
    "more groups than rows": (
        [node("columns", keep=["x"]), node("k_means", n_clusters=9)],
        2,
        "input",
        "lower `n_clusters`",
    ),
    "infinite values": ([SPLIT, LINE], 2, "input", "infinity", table(x=[*NUMBERS[1:], "inf"], y=NUMBERS)),
    "a broken rule": ([node("validate", ranges={"x": {"max": 3}})], 1, "input.ranges", "out of range"),
    "formulas for numbers": (
        [node("scaling", columns=["x"]), SPLIT, LINE],
        1,
        "input.columns",
        "hold no numbers",
        table(x="=1+1", y=NUMBERS),
    ),
    "a constant of another kind": (
        [node("missing_values", strategy="constant", fill_value="none", columns=["x"])],
        1,
        "input.columns",
        "a text cannot fill them",
    ),
    "all rows dropped": (
        [node("missing_values", strategy="drop"), SPLIT, LINE],
        2,
        "input",
        "0 rows cannot be split",
        table(x=NUMBERS, w="", y=NUMBERS),
    ),
}


def left_behind(database: Database, settings: Settings) -> dict[str, Any]:
    """All that a pipeline could leave: rows, and files beside the datasets."""
    folder = settings.data_dir.absolute()
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "datasets"]
    with database.reading() as session:
        rows = {
            kind.__tablename__: session.scalar(select(func.count()).select_from(kind))
            for kind in (PipelineModel, TaskFile)
        }
    return {"files": files, **rows}


@pytest.fixture
def clean(database: Database, migrated: Settings) -> Iterator[None]:
    """Nothing is there before; after the test results of nodes, which grow old, and nothing else."""
    _forget_everything(migrated)
    yield
    nothing = {"files": [], "pipeline_models": 0, "task_files": 0}
    cache = migrated.data_dir.absolute() / "pipelines" / "cache"
    for entry in cache.glob("*/*"):
        os.utime(entry, (0, 0))
    pipelines.clean_up()
    assert left_behind(database, migrated) == nothing
    assert not list((migrated.data_dir.absolute() / "task_files" / "scratch").glob("*"))


def _forget_everything(settings: Settings) -> None:
    for path in settings.data_dir.absolute().rglob("*"):
        if path.is_file():
            path.unlink()


def refused(response: Any, status: int = 422) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.get_json()["error"]
    assert error["message"] == response.get_json()["message"]
    assert "Traceback" not in error["message"]
    return error


@pytest.mark.usefixtures("clean", "worker")
@pytest.mark.parametrize("what", WRONG)
def test_a_bad_pipeline_names_its_node_and_field(analyst: FlaskClient, what: str) -> None:
    nodes, place, field, words, *content = WRONG[what]
    dataset_id = upload(analyst, (content[0] if content else TABLE).encode())
    source = node("upload_file", dataset_id=dataset_id)
    error = refused(analyst.post(f"{API}/ml/pipeline/run", json={"pipeline": [source, *nodes]}))
    assert error["code"] in ("invalid_pipeline", "node_failed")
    path = f"pipeline.{place}.{field}".rstrip(".")
    assert list(error["fields"]) == [path], error
    assert len(error["fields"][path]) == 1
    assert words in error["message"]
    at_fault = nodes[place - 1]
    if isinstance(at_fault, dict):
        named = at_fault.get("id", f"node_{place + 1}")
        assert f"Node {named!r} ({at_fault.get('node_type', '')})" in error["message"]


BODIES: dict[str, tuple[Any, str, str]] = {
    "no nodes": ([], "pipeline", "non-empty"),
    "no list": ({}, "pipeline", "not of type 'array'"),
    "too many nodes": ([SPLIT] * 201, "pipeline", "maxItems: 200"),
    "nothing to begin with": ([node("scaling")], "inputs", "begin with a source"),
    "a path as a dataset": (
        [node("upload_file", dataset_id="../../etc/passwd")],
        "input.dataset_id",
        "no id",
    ),
    "a dataset that is not there": (
        [node("dataset", dataset_id=str(uuid4()))],
        "input.dataset_id",
        "no dataset",
    ),
    "an unknown product": ([node("sales_history", skus=["X/1"])], "input.skus", "no product 'X/1'"),
    "a day that is none": ([node("sales_history", **{"from": "soon"})], "input.from", "no date"),
    "days in the wrong order": (
        [node("sales_history", **{"from": "2026-02-01", "to": "2026-01-01"})],
        "input.to",
        "before the first",
    ),
    "sales of nobody": ([node("sales_history", category="Bread")], "input.category", "no such product"),
    "forecasts of nothing": ([node("forecast")], "input.skus", "No forecast"),
}


@pytest.mark.usefixtures("clean", "worker")
@pytest.mark.parametrize("what", BODIES)
def test_a_bad_body_names_its_field(analyst: FlaskClient, what: str) -> None:
    body, field, words = BODIES[what]
    error = refused(analyst.post(f"{API}/ml/pipeline/run", json={"pipeline": body}))
    assert list(error["fields"]) == [field if field == "pipeline" else f"pipeline.0.{field}"], error
    assert words in error["message"]


@pytest.mark.usefixtures("clean", "worker")
def test_a_cycle_names_all_its_nodes(analyst: FlaskClient) -> None:
    rows = node("upload_file", "rows", dataset_id=upload(analyst, TABLE.encode()))
    first, second = node("join", "first", ["rows", "second"], on=["x"]), node("scaling", "second", ["first"])
    error = refused(analyst.post(f"{API}/ml/pipeline/run", json={"pipeline": [rows, first, second]}))
    assert list(error["fields"]) == ["pipeline.1.inputs", "pipeline.2.inputs"]
    assert "form a cycle" in error["message"]


@pytest.mark.usefixtures("clean", "worker")
def test_what_would_see_test_rows_is_refused(analyst: FlaskClient) -> None:
    rows = node("upload_file", "rows", dataset_id=upload(analyst, TABLE.encode()))
    scaled = node("scaling", "scaled", ["rows"])
    splits = [node("split", name, ["scaled"], target="y", random_state=i) for i, name in enumerate("ab")]
    error = refused(analyst.post(f"{API}/ml/pipeline/run", json={"pipeline": [rows, scaled, *splits]}))
    assert list(error["fields"]) == ["pipeline.1.inputs"]
    assert "test rows" in error["message"]


@pytest.mark.usefixtures("clean", "worker")
def test_joins_that_do_not_fit(analyst: FlaskClient) -> None:
    left = node("dataset", "left", dataset_id=upload(analyst, TABLE.encode()))
    join = node("join", "joined", ["left", "right"], on=["x"])
    for content, words in [("x,w\n1,1\n1,2\n", "make them unique"), ("x,w\na,1\nb,2\n", "different kinds")]:
        right = node("dataset", "right", dataset_id=upload(analyst, content.encode()))
        error = refused(analyst.post(f"{API}/ml/pipeline/run", json={"pipeline": [left, right, join]}))
        assert next(iter(error["fields"])).startswith("pipeline.2.")
        assert words in error["message"]


@pytest.mark.usefixtures("clean")
def test_a_dataset_of_somebody_else_or_not_ready(
    as_role: AsRole, analyst: FlaskClient, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.uploads, "PATIENCE_SECONDS", 0.01)
    file = {"file": (io.BytesIO(TABLE.encode()), "table.csv")}
    dataset_id = analyst.post(f"{API}/datasets", data=file).get_json()["dataset_id"]
    body = {"pipeline": [node("dataset", dataset_id=dataset_id)]}
    error = refused(analyst.post(f"{API}/ml/pipeline/run", json=body))
    assert error["fields"]["pipeline.0.input.dataset_id"] == [
        "The dataset is still being read; ask again in a moment."
    ]
    error = refused(as_role(Role.ANALYST).post(f"{API}/ml/pipeline/run", json=body))
    assert "no dataset" in error["message"]
    analyst.post(f"{API}/tasks/cancel", json={"filter": {"status": "PENDING"}})
    assert analyst.delete(f"{API}/datasets/{dataset_id}").status_code == 204


def zip_bomb() -> bytes:
    """A workbook whose sheet unpacks to a thousand times its size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
        file.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 4_000_000)
    return packed.getvalue()


@pytest.mark.usefixtures("clean", "worker")
@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (np.random.default_rng(1).bytes(4096), 415, "unsupported_file"),
        (b"\x7fELF" + bytes(64), 415, "unsupported_file"),
        (b"", 422, "empty_file"),
        (b"a,b\n1\n", 422, "file_refused"),
        (b"a,b\n", 422, "file_refused"),
    ],
    ids=["random bytes", "a program", "nothing", "rows of other widths", "no rows"],
)
def test_files_that_are_no_tables(analyst: FlaskClient, content: bytes, status: int, code: str) -> None:
    response = analyst.post(f"{API}/datasets", data={"file": (io.BytesIO(content), "table.csv")})
    assert refused(response, status)["code"] == code


@pytest.mark.usefixtures("clean", "worker")
def test_a_workbook_that_unpacks_to_far_too_much(analyst: FlaskClient) -> None:
    response = analyst.post(f"{API}/datasets", data={"file": (io.BytesIO(zip_bomb()), "table.xlsx")})
    assert refused(response)["code"] == "file_refused"


@pytest.mark.usefixtures("worker")
def test_formulas_leave_as_texts(analyst: FlaskClient) -> None:
    body = {
        "pipeline": [
            node("upload_file", dataset_id=upload(analyst, b"=cmd,y\n=1+1,1\n@SUM(A1),2\n")),
            node("export", name="table"),
            node("export", name="table", format="xlsx"),
        ]
    }
    files = analyst.post(f"{API}/ml/pipeline/run", json=body).get_json()["output_files"]
    assert [file["name"] for file in files] == ["table.csv", "table.xlsx"]
    assert analyst.get(files[0]["url"]).data == b"'=cmd,y\r\n'=1+1,1\r\n'@SUM(A1),2\r\n"

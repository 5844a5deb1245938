"""Figures of tables, held against what numpy and pandas say."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from siprems_backend.errors import Conflict, NotFound, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, task_registry
from siprems_backend.services.datasets import profile as figures
from siprems_backend.services.datasets import uploads
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import Submitted, states
from siprems_backend.services.task_registry.transitions import ledger, move
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.datasets.conftest import Convert, Sent


def profile_of(tmp_path: Path, **columns: Any) -> dict[str, Any]:
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table(columns), path)
    made = figures.profile(path)
    json.dumps(made, allow_nan=False)
    return made


def by_name(profile: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in profile["columns"]}


def test_numbers_are_those_of_numpy_and_pandas(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=1000)
    y = [
        None if place % 10 == 0 else float(2 * value + noise)
        for place, (value, noise) in enumerate(zip(x, random.normal(size=1000), strict=True))
    ]
    profile = profile_of(tmp_path, x=x, y=y, n=list(range(1000)))
    columns = by_name(profile)
    known = pd.Series(y, dtype="float64")
    assert (columns["y"]["missing"], columns["y"]["missing_share"]) == (100, 0.1)
    assert columns["y"]["mean"] == pytest.approx(known.mean())
    assert columns["y"]["std"] == pytest.approx(known.std())
    assert columns["y"]["quantiles"]["0.25"] == pytest.approx(known.quantile(0.25))
    assert (columns["y"]["min"], columns["y"]["max"]) == (known.min(), known.max())
    assert columns["n"]["distinct"] == 1000
    assert sum(columns["y"]["histogram"]["counts"]) == 900
    expected = pd.DataFrame({"x": x, "y": known, "n": range(1000)}).corr().to_numpy()
    assert profile["correlations"]["columns"] == ["x", "y", "n"]
    assert np.array(profile["correlations"]["matrix"]) == pytest.approx(expected)
    assert (profile["rows"], profile["sample_rows"]) == (1000, 1000)


def test_texts_dates_and_truth_values(tmp_path: Path) -> None:
    columns = by_name(
        profile_of(
            tmp_path,
            text=["b", "a", "b", None, "nul\x00"],
            day=[dt.date(2024, 1, day) for day in (3, 1, 2, 2, 2)],
            open=[True, False, True, True, None],
        )
    )
    assert columns["text"]["top_values"][0] == {"value": "b", "count": 2}
    assert {each["value"] for each in columns["text"]["top_values"]} == {"b", "a", "nul\ufffd"}
    assert (columns["text"]["missing"], columns["text"]["distinct"]) == (1, 3)
    assert (columns["day"]["min"], columns["day"]["max"]) == ("2024-01-01", "2024-01-03")
    assert columns["open"]["top_values"] == [{"value": True, "count": 3}, {"value": False, "count": 1}]


@pytest.mark.parametrize(
    "values",
    [
        [None, None],
        [math.inf, -math.inf, math.nan],
        [1.0],
        [5.0, 5.0],
        [1.7e308, -1.7e308],
        [2**63 - 1, 2**63 - 2],
        [1e16, 1e16 + 2],
    ],
    ids=["missing", "endless", "one", "constant", "far", "large", "close"],
)
def test_odd_numbers_are_no_trouble(tmp_path: Path, values: list[Any]) -> None:
    column = pa.array(values) if values[0] is not None else pa.array(values, pa.float64())
    described = by_name(profile_of(tmp_path, x=column))["x"]
    assert described["missing"] == sum(value is None or value != value for value in values)


def test_large_tables_are_sampled_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "SAMPLE_CELLS", 100)
    monkeypatch.setattr(figures, "BATCH_ROWS", 37)
    profile = profile_of(tmp_path, x=list(range(1000)))
    assert (profile["rows"], profile["sample_rows"]) == (1000, 100)
    column = profile["columns"][0]
    assert (column["min"], column["max"], column["distinct"]) == (0, 999, 100)
    # 0, 10, 20 ... 990, although batches end between them.
    assert (column["quantiles"]["0.5"], column["mean"]) == (495.0, 495.0)


def test_a_cancelled_profile_stops(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table({"x": [1]}), path)

    def stop(current: int, total: int, message: str = "") -> None:
        raise TaskCancelled

    with pytest.raises(TaskCancelled):
        figures.profile(path, stop)


def test_it_is_made_once_by_one_task(convert: Convert, owner: Principal, database: Database) -> None:
    record = convert("a,b\n1,x\n2,y\n")
    asked = datasets.profile_of(record.id, owner)
    assert isinstance(asked, Submitted)
    again = datasets.profile_of(record.id, owner)
    assert isinstance(again, Submitted)
    assert again.task_id == asked.task_id
    assert task_registry.get(asked.task_id, owner).kwargs == {"dataset_id": str(record.id)}
    datasets.run_profile(record.id)
    made = datasets.profile_of(record.id, owner)
    assert not isinstance(made, Submitted)
    assert (made["rows"], [column["name"] for column in made["columns"]]) == (2, ["a", "b"])
    with pytest.raises(NotFound):
        datasets.profile_of(record.id, factories.make_principal(database, Role.ANALYST))


def test_a_cancelled_one_is_asked_for_anew_and_a_failed_one_is_told(
    convert: Convert, owner: Principal
) -> None:
    record = convert("a\n1\n")
    first = datasets.profile_of(record.id, owner)
    assert isinstance(first, Submitted)
    task_registry.cancel(first.task_id, owner)
    second = datasets.profile_of(record.id, owner)
    assert isinstance(second, Submitted)
    assert second.task_id != first.task_id
    with ledger() as session:
        move(session, second.task_id, states.ACTIVE, {"status": states.FAILURE, "finished_at": clock.now()})
    with pytest.raises(Conflict) as caught:
        datasets.profile_of(record.id, owner)
    assert caught.value.code == "profile_failed"
    task_registry.retry(second.task_id, owner)
    datasets.run_profile(record.id)
    assert not isinstance(datasets.profile_of(record.id, owner), Submitted)


def test_nothing_is_profiled_that_is_not_there(owner: Principal, volume: Path) -> None:
    record = uploads.receive(Sent(b"a\n1\n"), owner)
    for ask in (lambda: datasets.profile_of(record.id, owner), lambda: datasets.run_profile(record.id)):
        with pytest.raises(Conflict) as caught:
            ask()
        assert caught.value.code == "dataset_not_ready"
    datasets.remove(record.id, owner)
    with pytest.raises(NotFound):
        datasets.run_profile(record.id)

"""The catalogue cut into shards, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import Database
from siprems_backend.models.tasks import Task
from siprems_backend.services import training_run
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.services.task_registry import TaskKind, states
from siprems_backend.utils import clock
from tests import factories
from tests.services.shop_forecasts.shops import sells


@pytest.fixture
def small_shards(migrated: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FORECAST_SHARD_SIZE", "10")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def test_shards_are_balanced_and_keep_categories_together(database: Database, small_shards: None) -> None:
    ids: dict[str, list[int]] = {"A": [], "B": [], "C": []}
    for number in range(24):
        category = "BAC"[number % 3]
        ids[category].append(factories.make_product(database, f"P{number}", category=category).id)
    factories.make_product(database, "GONE", is_active=False)
    assert runs.shards() == [ids["A"], ids["B"], ids["C"]]
    assert runs.shards("B") == [ids["B"]]


def test_a_small_shop_is_one_shard_and_an_empty_one_none(database: Database) -> None:
    assert runs.shards() == []
    product = factories.make_product(database, "A")
    assert runs.shards() == [[product.id]]


def test_the_whole_catalogue_is_forecast_here(
    database: Database, models_dir: Path, small_shards: None
) -> None:
    for number in range(12):
        sells(database, f"P{number}", 60)
    heard: list[tuple[int, int]] = []
    result = runs.forecast_here(on_progress=lambda done, whole, _said="": heard.append((done, whole)))
    assert (result["forecasts"], result["failed"]) == (12, 0)
    assert heard == sorted(heard)
    assert heard[-1] == (6, 6)


def test_a_shard_refreshes_the_models_forecasts_too(database: Database, models_dir: Path) -> None:
    product = sells(database, "A", 200)
    training_run.train_here()
    result = runs.forecast_chunk([product.id], prophet=True)
    assert result["forecasts"] == 1
    assert result["prophet"] == {"products": 1, "refreshed": 1, "failed": 0, "reasons": {}}


def _child(status: str, result: object = None) -> Task:
    return Task(
        id=uuid4(),
        kind=TaskKind.FORECAST_SHOP_CHUNK.value,
        status=status,
        kwargs={"product_ids": [1, 2]},
        result=result,
        message="Task was cancelled",
    )


def test_the_products_of_a_lost_shard_count_as_failed(database: Database) -> None:
    well = {"forecasts": 1, "unchanged": 0, "failed": 1, "never_sold": 3, "reasons": {"B": "because"}}
    children = [_child(states.SUCCESS, well), _child(states.REVOKED)]
    assert runs.of_children(children) == {
        "forecasts": 1,
        "unchanged": 0,
        "failed": 3,
        "never_sold": 3,
        "reasons": {"B": "because"},
        "lost_shards": {"Task was cancelled": 2},
    }
    parent = Task(id=uuid4(), kind=TaskKind.TRAIN_ALL.value, created_at=clock.now())
    summary = training_run.summarise(parent, children)
    assert (summary["total_products"], summary["shop_forecasts"]["forecasts"]) == (0, 1)
    assert runs.summarise_refresh(parent, children)["prophet"]["refreshed"] == 0

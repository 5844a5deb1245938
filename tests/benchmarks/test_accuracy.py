"""The accuracy benchmark: its sample, its figures, and that every variant leaves something out."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import ablation, sets, tables
from benchmarks.accuracy.measure import run
from benchmarks.accuracy.sets import SalesSet, load, reference
from benchmarks.accuracy.variants import Variant, variants
from siprems_engine.forecasting.shop.folds import by_engines, cutoffs, fold
from siprems_engine.forecasting.shop.scores import score
from tests.engine.shop.shops import plant


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of eight products over 200 days."""
    grid = plant(products=8, periods=200).grid
    folder = tmp_path_factory.mktemp("sets") / "planted"
    folder.mkdir()
    with (folder / "sales.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "date", "quantity", "is_promo"])
        for row, day in zip(*np.nonzero(grid.units), strict=True):
            rows.writerow([f"P{row}", grid.days[day], grid.units[row, day], int(grid.promo[row, day])])
    return folder


@pytest.fixture(scope="module")
def planted(folder: Path) -> SalesSet:
    return load(folder, None)


def test_the_sample_is_the_first_by_hash(folder: Path) -> None:
    order = sorted((f"P{row}" for row in range(8)), key=lambda sku: digest(f"acceptance-1:{sku}"))
    for size in (1, 3, 80):
        chosen = load(folder, size)
        assert {chosen.files.skus[row] for row in chosen.scored} == set(order[:size])


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_figures_are_those_of_the_whole_shops_forecasts(planted: SalesSet) -> None:
    grid = planted.files.grid
    folds = [fold(grid, place, 14, by_engines(["tsb"])) for place in cutoffs(grid, 14, 4)]
    found = run(planted, Variant("asked for", ("tsb",)))
    assert found.scores == score(grid, folds)
    assert sum(each.product_folds for each in found.by_class.values()) == found.scores.product_folds == 32
    assert found.milliseconds > 0


def test_every_variant_changes_the_forecaster_and_is_undone(planted: SalesSet) -> None:
    """A constant that was renamed would be left as it is."""
    for variant in variants():
        before = [getattr(place, name) for place, name, _ in variant.changes]
        with variant.applied():
            for (place, name, value), old in zip(variant.changes, before, strict=True):
                assert getattr(place, name) is value
                assert value != old
        assert [getattr(place, name) for place, name, _ in variant.changes] == before
    assert len({variant.name for variant in variants()}) == len(variants())


def test_leaving_out_promotions_costs_accuracy(planted: SalesSet, capsys: pytest.CaptureFixture[str]) -> None:
    ablation.run([planted], ["no promotions"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:14].strip() for line in lines] == ["variant", "complete", "no promotions"]
    wape, rmsse, pinball = (float(part) for part in lines[2].split()[2:5])
    assert min(wape, rmsse, pinball) > 2.0


def test_sets_with_reference_figures_come_first(folder: Path, planted: SalesSet, tmp_path: Path) -> None:
    for name in ("a_new_set", "kiel_bakery_daily"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sales.csv").touch()
    (tmp_path / "no_set").mkdir()
    assert sets.names(tmp_path) == ["kiel_bakery_daily", "a_new_set"]
    with pytest.raises(SystemExit, match=r"There is no sales\.csv"):
        load(tmp_path / "no_set", None)


def test_reference_figures_are_complete_and_printed(
    planted: SalesSet, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = reference()
    assert len({(row["set"], row["figure"]) for row in rows}) == len(rows) == 18
    assert all(float(row["best"]) < float(row["seasonal_naive"]) for row in rows)
    known = SalesSet(rows[0]["set"], planted.files, planted.scored)
    tables.run([known], ["window-average"])
    text = capsys.readouterr().out
    assert rows[0]["best_model"] in text
    assert "geometric mean" in text

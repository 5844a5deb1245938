"""The sets of sales, their folds and the subsample that reference figures were measured on."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.shop_files import ShopFiles, read
from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.shop.folds import Fold, Forecaster, cutoffs, eligible, fold
from siprems_engine.forecasting.shop.panel import Indices

HORIZON = {Step.DAY: 14, Step.WEEK: 8}
FOLDS = 4
SAMPLE_SEED = "acceptance-1"
# Gasoline in a volume-like unit, 99.9 % of the volume of a grocery set: forecast like all, never scored.
EXCLUDED = {"complete_journey_daily": {"6534178", "6533889", "6534166"}}
REFERENCE = Path(__file__).with_name("reference.csv")


@dataclass(frozen=True, eq=False)
class SalesSet:
    """A shop's files and the products that are scored."""

    name: str
    files: ShopFiles
    scored: Indices

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return HORIZON[self.files.grid.step]

    def folds(self, forecaster: Forecaster, grid: Grid | None = None) -> Iterator[Fold]:
        """Forecast the whole shop at every cut-off, from another version of its grid if one is given."""
        known = self.files.grid if grid is None else grid
        for place in cutoffs(known, self.horizon, FOLDS):
            yield fold(known, place, self.horizon, forecaster).of(self.scored)


def load(folder: Path, sample: int | None) -> SalesSet:
    """Read a folder with `sales.csv[.gz]` and what may lie beside it; score `sample` products, or all."""
    sales = find(folder, "sales")
    if sales is None:
        raise SystemExit(f"There is no sales.csv or sales.csv.gz in {folder}.")
    events, plan = find(folder, "events"), find(folder, "promotions")
    files = read(EvaluationRequest(sales, 1, 1, events=events, promotions=plan))
    return SalesSet(folder.name, files, _scored(folder.name, files, sample))


def names(folder: Path) -> list[str]:
    """Return the folders with sales, those with reference figures first and in their order."""
    there = sorted(path.name for path in folder.iterdir() if path.is_dir() and find(path, "sales"))
    known = list(dict.fromkeys(row["set"] for row in reference()))
    return [name for name in known if name in there] + [name for name in there if name not in known]


def reference() -> list[dict[str, str]]:
    """Return the rows of the table of reference figures, on samples of 80."""
    with REFERENCE.open(newline="") as file:
        return list(csv.DictReader(file))


def find(folder: Path, stem: str) -> Path | None:
    """Return the file of that name in a folder, plain or compressed, if there is one."""
    paths = [folder / f"{stem}{suffix}" for suffix in (".csv", ".csv.gz")]
    return next((path for path in paths if path.exists()), None)


def _scored(name: str, files: ShopFiles, sample: int | None) -> Indices:
    """Return the products that count in any fold; of these the first so many by the hash of their SKU."""
    grid, excluded = files.grid, EXCLUDED.get(name, set())
    counting = np.unique(
        np.concatenate([eligible(grid, place) for place in cutoffs(grid, HORIZON[grid.step], FOLDS)])
    )
    kept = [int(row) for row in counting if files.skus[row] not in excluded]
    return np.array(sorted(_by_hash(files.skus, kept)[:sample]), dtype=np.int64)


def _by_hash(skus: Sequence[str], rows: Sequence[int]) -> list[int]:
    return sorted(rows, key=lambda row: hashlib.sha256(f"{SAMPLE_SEED}:{skus[row]}".encode()).hexdigest())

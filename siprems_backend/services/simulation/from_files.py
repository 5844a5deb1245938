"""A simulation of sales in a file, with its results in a folder; needs neither database nor broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation import shop_files
from siprems_backend.services.evaluation.requests import ENGINE_NAMES, EvaluationRequest
from siprems_backend.services.evaluation.tables import Table
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.simulation import outputs
from siprems_backend.services.simulation.conditions import OF_PRODUCTS, Conditions
from siprems_backend.services.simulation.results import Simulation
from siprems_backend.services.simulation.running import simulate
from siprems_backend.utils.atomic_file import write_all_atomically
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import ENGINES

# The shop is forecast as a whole at every review; a model for each product would take a day.
BLENDABLE = ("auto", *ENGINES)


@dataclass(frozen=True)
class SimulationRequest:
    """Files to read, conditions, engines to blend; `terms` are conditions of single products by SKU."""

    sales: Path
    conditions: Conditions
    engines: tuple[str, ...] = ("auto",)
    products: Path | None = None
    events: Path | None = None
    promotions: Path | None = None
    stock: Path | None = None
    terms: Path | None = None

    def __post_init__(self) -> None:
        """Raise `Invalid` for an engine that does not exist, or forecasts no whole shop."""
        for name in self.engines:
            if name not in BLENDABLE:
                known = ", ".join(each for each in ENGINE_NAMES if each in BLENDABLE)
                raise Invalid(f"There is no engine {name!r} for simulations; known are {known}.")


def simulate_files(
    request: SimulationRequest, folder: Path, on_progress: OnProgress = unreported
) -> Simulation:
    """Replay the sales and write tables, a page and a picture into a folder; raises `Invalid`.

    The files appear together when all went well.
    """
    _prepare(folder)
    shop = shop_files.read(
        EvaluationRequest(
            request.sales,
            horizon=1,
            cutoffs=1,
            products=request.products,
            events=request.events,
            promotions=request.promotions,
            stock=request.stock,
        )
    )
    own = {} if request.terms is None else _own_terms(request.terms, shop.skus)
    found = simulate(
        shop.grid, shop.skus, request.conditions, own=own, engines=request.engines, on_progress=on_progress
    )
    files: dict[Path, bytes] = {
        folder / name: made(found, request.conditions) for name, made in outputs.MAKERS.items()
    }
    _written(lambda: write_all_atomically(files), folder)
    return found


def _own_terms(path: Path, skus: list[str]) -> Mapping[str, Floats]:
    """Return the columns (N,) of a file by SKU, NaN where it says nothing; raises `Invalid`."""
    table = Table(path)
    names, codes = table.codes("sku")
    row_of = {sku: row for row, sku in enumerate(skus)}
    row = np.array([row_of.get(name, -1) for name in names], dtype=np.int64)[codes]
    there = [name for name in OF_PRODUCTS if table.has(name)]
    if not there:
        raise Invalid(f"{path.name} needs one of the columns {', '.join(OF_PRODUCTS)}.")
    found = {}
    for name in there:
        found[name] = np.full(len(skus), np.nan)
        found[name][row[row >= 0]] = table.numbers(name, missing=np.nan)[row >= 0]
    return found


def _prepare(folder: Path) -> None:
    """Make the folder and see that it takes files, before minutes of work rather than after."""

    def probe() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".writing-probe"
        trial.touch()
        trial.unlink()

    _written(probe, folder)


def _written(step: Callable[[], object], folder: Path) -> None:
    try:
        step()
    except OSError as error:
        raise Invalid(f"{folder} cannot be written: {error.strerror or error}.") from error

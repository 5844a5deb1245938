"""The training engines by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from siprems_engine.forecasting import prophet_stan
from siprems_engine.forecasting.errors import UnknownEngine
from siprems_engine.forecasting.event_weeks import events_of
from siprems_engine.forecasting.fit import Fit
from siprems_engine.forecasting.recipe import REFERENCE, Recipe, recipe_for
from siprems_engine.forecasting.series import DailyHistory, Event


class Fitter(Protocol):
    """The signature every training engine has."""

    def __call__(self, history: DailyHistory, events: Sequence[Event], recipe: Recipe = ...) -> Fit:
        """Fit one SKU."""


@dataclass(frozen=True)
class Engine:
    """A named way to train the recipe; `version()` is looked up when a model is trained."""

    name: str
    fitter: Fitter
    version: Callable[[], str]

    def fit(self, history: DailyHistory, events: Sequence[Event]) -> Fit:
        """Fit one SKU by the recipe of its step; raises `NotEnoughData` or `FitFailed`."""
        return self.fitter(history, events_of(history, events), recipe_for(history.step))


def _fast_fit(history: DailyHistory, events: Sequence[Event], recipe: Recipe = REFERENCE) -> Fit:
    # Loading the compiled kernels takes half a second and 60 MB; only a process that trains does it.
    from siprems_engine.forecasting.fast import engine

    return engine.fit(history, events, recipe)


def _fast_version() -> str:
    # As above: the version stands beside the solver.
    from siprems_engine.forecasting.fast import engine

    return engine.engine_version()


ENGINES = {
    "prophet": Engine("prophet", _fast_fit, _fast_version),
    "prophet-stan": Engine("prophet-stan", prophet_stan.fit, prophet_stan.engine_version),
}


def get_engine(name: str) -> Engine:
    """Return the engine of that name or raise `UnknownEngine`."""
    if name not in ENGINES:
        raise UnknownEngine(f"There is no engine {name!r}; known are {', '.join(sorted(ENGINES))}.")
    return ENGINES[name]

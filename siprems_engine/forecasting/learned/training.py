"""Training a learned model: how long learning pays, how good it is out of sample, and the fits that serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.learned.artifact import LearnedModel
from siprems_engine.forecasting.learned.fitting import Fitting, Searched
from siprems_engine.forecasting.learned.judging import BESIDE, Quality, Shop, Trials, gain
from siprems_engine.forecasting.learned.loss import deviance
from siprems_engine.forecasting.learned.recipe import Recipe, Watch
from siprems_engine.forecasting.shop.folds import eligible
from siprems_engine.forecasting.shop.scores import Scores

# Parts of the work: finding out how long learning pays, the backtest, the model that serves.
SEARCH, BACKTEST = 0.5, 0.9
# Rounds without anything held back are guessed, as a shop too young to hold something back learns little.
UNCHECKED_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class Training:
    """A trained model and what is known of it.

    `searched` are the losses of the search (None without one), `train` and `final_loss` are of the rows that
    the newest fit learned from, `test` and `scores` of the cut-offs that it knew nothing of. `gain` is the
    factor that the blend's errors get with the model in it. `importances` are shares by kind of column.
    """

    model: LearnedModel
    searched: Searched | None
    rows: int
    train: Quality
    final_loss: float
    test: Quality | None
    scores: dict[str, Scores]
    cutoffs: list[np.datetime64]
    horizon: int
    gain: float | None
    importances: dict[str, float]


def train(shop: Shop, recipe: Recipe, folds: int, watch: Watch, beside: Sequence[str] = BESIDE) -> Training:
    """Train a model of a whole shop and hold it beside other engines, `beside`, at up to so many cut-offs.

    The number of rounds is chosen before the first cut-off, each cut-off is forecast by fits of its own, and
    the model that serves learns from everything. Raises `NotEnoughData`.
    """
    places = shop.cutoffs(folds)
    searched = _search(shop, recipe, places, watch)
    rounds = min(recipe.epochs, UNCHECKED_ROUNDS) if searched is None else searched.rounds
    settled = replace(recipe, epochs=rounds)
    trials = Trials(shop, watch)
    for number, place in enumerate(places):
        start, end = (SEARCH + (BACKTEST - SEARCH) * part / len(places) for part in (number, number + 1))
        watch.begin(f"Backtest {number + 1} of {len(places)}", start, end, rounds)
        fitting = Fitting(shop.grid.panel(place, shop.horizon, eligible(shop.grid, place)), settled)
        trials.learned(place, recipe.model_type, fitting.fits(watch))
        trials.beside(place, beside)
    watch.begin("Final model", BACKTEST, 1.0, rounds)
    return _finished(shop, settled, searched, trials, watch)


@dataclass(frozen=True, eq=False)
class Judged:
    """What engines came to at cut-offs of a shop: figures, and how near they came to single periods."""

    scores: dict[str, Scores]
    qualities: dict[str, Quality]
    cutoffs: list[np.datetime64]
    horizon: int


def compare(
    shop: Shop, folds: int, watch: Watch, names: Sequence[str] = BESIDE, start: float = 0.0
) -> Judged:
    """Judge engines that need no training at the cut-offs that a learned model is judged at.

    Of the work `start` was done before.
    """
    places, trials = shop.cutoffs(folds), Trials(shop, watch)
    for number, place in enumerate(places):
        begin, end = (start + (1.0 - start) * part / len(places) for part in (number, number + 1))
        watch.begin(f"Backtest {number + 1} of {len(places)}", begin, end, 1)
        trials.beside(place, names)
    found = {name: quality for name in names if (quality := trials.quality(name)) is not None}
    return Judged(trials.scores(), found, trials.cutoffs, shop.horizon)


def _search(shop: Shop, recipe: Recipe, places: Sequence[int], watch: Watch) -> Searched | None:
    """Find out how long learning pays, from what was known at the first cut-off."""
    watch.begin("Training", 0.0, SEARCH, recipe.epochs)
    return Fitting(shop.grid.panel(places[0] if places else shop.last, shop.horizon), recipe).search(watch)


def _finished(
    shop: Shop, recipe: Recipe, searched: Searched | None, trials: Trials, watch: Watch
) -> Training:
    """Fit the model that serves, and put together what is known of it."""
    fitting = Fitting(shop.grid.panel(shop.last, shop.horizon), recipe)
    fits, sample = fitting.fits(watch), fitting.known()
    if not fits or sample is None:
        raise NotEnoughData(
            "The shop has not sold for long enough to learn from: there must be a few dates in its past with "
            f"sales before and {shop.grid.step.counted(shop.horizon)} of sales after them."
        )
    scores, factor = trials.scores(), np.exp(fits[0].exponent(sample.columns))
    return Training(
        model=LearnedModel(recipe, shop.grid.step, len(fitting.columns), fits),
        searched=searched,
        rows=len(sample.units),
        train=Quality.of(sample.units, sample.base * factor),
        final_loss=deviance(sample, factor),
        test=trials.quality(recipe.model_type),
        scores=scores,
        cutoffs=trials.cutoffs,
        horizon=shop.horizon,
        gain=gain(scores, recipe.model_type),
        importances=_importances(fitting, fits[0].fitted.importances()),
    )


def _importances(fitting: Fitting, of_columns: np.ndarray | None) -> dict[str, float]:
    """Return the share of every kind of column, the largest first."""
    if of_columns is None or not of_columns.sum() > 0:
        return {}
    sums: dict[str, float] = {}
    for group, value in zip(fitting.columns, of_columns / of_columns.sum(), strict=True):
        sums[group] = sums.get(group, 0.0) + float(value)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def curve(searched: Searched, most: int) -> dict[str, list[float]]:
    """Return the losses of a search, of at most so many rounds, the best and the last among them."""
    count = len(searched.losses)
    places = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int))
    places = np.unique([*places[: most - 1], min(searched.rounds, count) - 1, count - 1]) if count else places
    return {
        "epoch": (places + 1).tolist(),
        "loss": searched.losses[places].round(6).tolist(),
        "validation_loss": searched.validation_losses[places].round(6).tolist(),
    }

"""Weights of the versions for every product, by the errors of the past, shrunk towards the shop's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags

# The shop's errors count as much as so many periods of the product's own.
SHOP_PERIODS = 300.0
# Penalty on uneven weights, in parts of the error of the best version: what is as good shares its weight.
# A shop of one or a few products tells little of which engine is best, so that its weights stay more even.
EVENNESS, EVENNESS_OF_ONE = 0.03, 3.0
ITERATIONS = 120


@dataclass(frozen=True, eq=False)
class Trial:
    """One origin of the past: what `actual`ly sold (N, H; NaN unknown), and forecasts (versions, N, H).

    `counts` (N,) tells the products that had enough history, `weight` how much the origin counts.
    """

    actual: Floats
    forecasts: Floats
    counts: Flags
    weight: float = 1.0

    @property
    def judged(self) -> Flags:
        """Where forecast and sale can be compared, (N, H)."""
        return ~np.isnan(self.actual) & self.counts[:, None]


def choose(trials: Sequence[Trial], products: int, engines: Sequence[str]) -> Floats:
    """Return weights (N, versions) >= 0 that sum to 1; `engines` names the engine of each version.

    They minimise the squared error of the weighted sum: the product's own, scaled by the median error of the
    versions, plus the shop's as if it had been seen over `SHOP_PERIODS`. Where errors do not tell, engines
    weigh alike, however many versions they have; without trials, versions do.
    """
    versions = len(engines)
    if not trials or versions == 1:
        return np.full((products, versions), 1.0 / versions)
    products_errors, periods = _products(trials, versions)
    diagonal = np.einsum("nii->ni", products_errors)
    scale = np.median(diagonal, axis=1) / np.maximum(periods, 1e-9)
    usable = scale > 0
    own = np.where(usable[:, None, None], products_errors / np.maximum(scale, 1e-12)[:, None, None], 0.0)
    seen = float(periods[usable].sum())
    if seen <= 0:
        return np.full((products, versions), 1.0 / versions)
    shop = own.sum(axis=0) / seen
    even = (EVENNESS + EVENNESS_OF_ONE / products**2) * float(np.diag(shop).min())
    total = own + SHOP_PERIODS * shop[None]
    total += (even * (periods + SHOP_PERIODS))[:, None, None] * np.diag(_siblings(engines))[None]
    return minimise(total)


def _siblings(engines: Sequence[str]) -> Floats:
    """Return how many versions each version's engine has, (versions,), in multiples of the mean."""
    _, place, count = np.unique(np.array(engines), return_inverse=True, return_counts=True)
    return count[place] * len(count) / len(engines)


def _products(trials: Sequence[Trial], versions: int) -> tuple[Floats, Floats]:
    """Return weighted sums of products of errors (N, versions, versions) and of periods (N,)."""
    count = trials[0].actual.shape[0]
    total, periods = np.zeros((count, versions, versions)), np.zeros(count)
    for trial in trials:
        errors = np.where(trial.judged[None], trial.forecasts - np.nan_to_num(trial.actual)[None], 0.0)
        errors = errors.transpose(1, 0, 2)
        total += trial.weight * (errors @ errors.transpose(0, 2, 1))
        periods += trial.weight * trial.judged.sum(axis=1)
    return total, periods


def minimise(forms: Floats) -> Floats:
    """Minimise w' A w over w >= 0 that sum to 1, for each positive semi-definite A of `forms` (n, m, m).

    Weight moves from the coordinate with the steepest ascent to that with the steepest descent, as far as
    pays (sequential minimal optimisation, Platt 1998).
    """
    n, m, _ = forms.shape
    rows = np.arange(n)
    weights = np.full((n, m), 1.0 / m)
    slope = np.einsum("nij,nj->ni", forms, weights)
    for _ in range(ITERATIONS):
        to = slope.argmin(axis=1)
        source = np.where(weights > 1e-12, slope, -np.inf).argmax(axis=1)
        curve = forms[rows, to, to] + forms[rows, source, source] - 2.0 * forms[rows, to, source]
        gain = slope[rows, source] - slope[rows, to]
        move = np.where(curve > 1e-15, gain / np.maximum(curve, 1e-15), 0.0)
        move = np.clip(move, 0.0, weights[rows, source])
        weights[rows, to] += move
        weights[rows, source] -= move
        slope += move[:, None] * (forms[rows, :, to] - forms[rows, :, source])
    weights = np.maximum(weights, 0.0)
    return weights / weights.sum(axis=1, keepdims=True)

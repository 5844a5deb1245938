"""What a learned model is made by, and how its training tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.poisson import Singles


@dataclass(frozen=True)
class Recipe:
    """A type of model and its hyperparameters: rounds of boosting or epochs at most, and what the type needs.

    Training stops `patience` rounds after the best one on the periods held back.
    """

    model_type: str
    epochs: int
    patience: int
    seed: int
    options: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to learn from or to check with: products and periods ahead of origins.

    `columns` (n, p), what sold `units` (n,), the `base` forecast (n,) > 0 that is to be corrected, the
    `weight` (n,) of a row per unit expected, and its `importance` (n,) in sums.
    """

    columns: Singles
    units: Floats
    base: Floats
    weight: Floats
    importance: Floats


class Watch(Protocol):
    """Whoever wants to know how far a training is; every method may raise to end it."""

    def begin(self, title: str, start: float, end: float, rounds: int) -> None:
        """A stage begins, which takes the work from the part `start` to the part `end` of the whole.

        It has so many rounds, or as many again and again.
        """

    def tick(self) -> None:
        """Work goes on."""

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        """A round is over, counted from 1."""


class Unwatched:
    """Nobody wants to know."""

    def begin(self, title: str, start: float, end: float, rounds: int) -> None:
        """Nothing happens."""

    def tick(self) -> None:
        """Nothing happens."""

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        """Nothing happens."""


class Fitted(Protocol):
    """A fit that can forecast."""

    def exponent(self, columns: Singles) -> Floats:
        """Return the logarithm (n,) of what to multiply the base forecast with, for columns (n, p)."""

    def dump(self) -> bytes:
        """Return it as the bytes that its learner loads again."""

    def importances(self) -> Floats | None:
        """Return how much each column (p,) did for it; None if that cannot be told."""


class Learner(Protocol):
    """One type of model: `suffix` is that of its files, `package` what must be installed to train it."""

    suffix: str
    package: str

    def fit(self, sample: Sample, check: Sample | None, recipe: Recipe, watch: Watch) -> tuple[Fitted, int]:
        """Learn for as many epochs as the recipe has, fewer if those to check with get no better.

        Returns the fit after the best round, and which that was.
        """

    def load(self, data: bytes) -> Fitted:
        """Read what `dump` wrote; raises `CorruptModel`."""

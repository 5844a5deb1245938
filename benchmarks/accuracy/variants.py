"""The forecaster with one part left out at a time.

A part is left out by what the benchmark hands in (engines, promotions, events) or by putting a neutral value
in the place of a constant or function for the time of a run. A name that is no longer there is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from siprems_engine.forecasting.shop import (
    BLENDED,
    Grid,
    effects,
    forecast,
    last_year,
    quantiles,
    schedule,
    weights,
)
from siprems_engine.forecasting.shop.engines import origin_fits

Change = tuple[Any, str, Any]
NEVER = np.zeros(0, dtype="datetime64[D]")


@dataclass(frozen=True)
class Variant:
    """What is left out, and how."""

    name: str
    engines: Sequence[str] = ("auto",)
    grid: Callable[[Grid], Grid] = lambda grid: grid
    changes: Sequence[Change] = ()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Leave the part out while the block runs."""
        with ExitStack() as stack:
            for place, name, value in self.changes:
                stack.enter_context(patch.object(place, name, value))
            yield


def _without(engine: str) -> Variant:
    return Variant(f"no {engine}", tuple(name for name in BLENDED if name != engine))


def _equal(_trials: object, products: int, engines: Sequence[str]) -> np.ndarray:
    return np.full((products, len(engines)), 1.0 / len(engines))


def variants() -> list[Variant]:
    """Return all variants, the complete forecaster first."""
    return [
        Variant("complete"),
        *(_without(engine) for engine in BLENDED),
        *(Variant(f"{engine} alone", (engine,)) for engine in BLENDED),
        Variant("no promotions", grid=lambda grid: grid.with_promotions(np.zeros_like(grid.promo))),
        Variant("no events", grid=lambda grid: grid.with_events(NEVER)),
        Variant("lightgbm as well", ("auto", "lightgbm")),
        Variant("no comparison a year ago", changes=[(schedule, "SEASON", ())]),
        Variant("no last year", changes=[(last_year, "movement", lambda *_: None)]),
        Variant("the shop's weekday for all", changes=[(effects, "WEEKDAY_PRIOR", 1e9)]),
        Variant("each product's weekday alone", changes=[(effects, "WEEKDAY_PRIOR", 0.0)]),
        Variant("the shop's uplift for all", changes=[(effects, "PROMOTION_PRIOR", 1e9)]),
        Variant("effects in 3 rounds", changes=[(effects, "ROUNDS", 3)]),
        Variant("equal weights", changes=[(weights, "choose", _equal)]),
        Variant("the shop's weights for all", changes=[(weights, "SHOP_PERIODS", 1e9)]),
        Variant("each product's weights alone", changes=[(weights, "SHOP_PERIODS", 1e-6)]),
        Variant(
            "no preference for even weights",
            changes=[(weights, "EVENNESS", 0.0), (weights, "EVENNESS_OF_ONE", 0.0)],
        ),
        Variant("no calibration of the blend", changes=[(forecast, "CALIBRATED", 0.0)]),
        Variant("no calibration of the regression", changes=[(origin_fits, "CALIBRATED", 0.0)]),
        Variant("no spread of a product's own", changes=[(quantiles, "SPREAD_PRIOR", 1e12)]),
        Variant("no spread by distance ahead", changes=[(quantiles, "TILT_RANGE", (0.0, 0.0))]),
        Variant("one shape of errors", changes=[(quantiles, "MOST_CLASSES", 1)]),
        Variant("no allowance for optimism", changes=[(quantiles, "OPTIMISM", 0.0)]),
    ]

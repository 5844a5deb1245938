"""Why a product is forecast as it is, in one sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

from siprems_backend.services.prediction_engines import LEARNED
from siprems_engine.forecasting.shop.new_products import ENGINE as NEW_PRODUCT
from siprems_engine.forecasting.step import Step

# Engines with less than this part of the forecast are not worth a word.
NOTABLE = 0.1
# A product is compared with itself from so many periods of past forecasts on; below that the shop decides.
ENOUGH_PERIODS = {Step.DAY: 28, Step.WEEK: 8}
NEVER_SOLD = (
    "It has not sold yet: what products sold in their first weeks, those of its category first, is taken in "
    "its place, with bounds as wide as these differ."
)
UNPLANNED = "Promotions are not planned, so the usual ones are in the level."
YOUNG = "too young to be judged by its own sales alone, so the first weeks of other products count too"


def of_blend(shares: Mapping[str, float], periods: float, step: Step) -> str:
    """Return the sentence of a blend that was compared over so many periods forecast out of sample."""
    new = shares.get(NEW_PRODUCT, 0.0)
    if new == 1.0:
        return NEVER_SOLD
    if shares.keys() <= set(LEARNED):
        return f"By {next(iter(shares))} alone, as it was asked for."
    return f"{_blend(shares)}: {YOUNG if new > 0 else _because(int(periods), step)}."


def _blend(shares: Mapping[str, float]) -> str:
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    named = [f"{engine} ({100 * share:.0f} %)" for engine, share in ordered if share >= NOTABLE]
    if len(named) < 2:
        return f"Mostly {(named or [ordered[0][0]])[0]}"
    return f"Blend of {', '.join(named[:-1])} and {named[-1]}"


def _because(periods: int, step: Step) -> str:
    if periods == 0:
        return "too new to be compared, so the blend is the one that serves its shop best"
    compared = f"{step.counted(periods)} of past forecasts"
    if periods < ENOUGH_PERIODS[step]:
        return f"only {compared} could be compared, so mostly the shop's errors decided"
    return f"lowest error over {compared}, the shop's errors counted in"

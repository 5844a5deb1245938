"""What each part of the forecaster is worth: figures without it in parts of those with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.accuracy.measure import Found
from benchmarks.accuracy.measure import run as measure
from benchmarks.accuracy.sets import SalesSet
from benchmarks.accuracy.variants import variants

FIGURES = ("wape", "rmsse", "pinball")


def run(chosen: Sequence[SalesSet], only: Sequence[str] | None) -> None:
    """Print a line for each variant: changes of the geometric means, and how far off the coverage is."""
    heads = "".join(f"{figure + ' %':>10}" for figure in FIGURES)
    print(f"{'variant':34}{heads} {'off 95':>7} {'off 80':>7} {'bias':>6} {'CPU ms':>7}  RMSSE % by set")
    complete: list[Found] = []
    for variant in variants():
        if only and variant.name not in ("complete", *only):
            continue
        found = [measure(each, variant) for each in chosen]
        complete = complete or found
        print(f"{variant.name:34}{_line(found, complete)}", flush=True)


def _line(found: Sequence[Found], complete: Sequence[Found]) -> str:
    ratios = {figure: _ratios(found, complete, figure) for figure in FIGURES}
    changes = "".join(f"{100 * (np.exp(np.log(ratios[f]).mean()) - 1):+10.2f}" for f in FIGURES)
    off_95 = np.mean([abs(each.scores.coverage_95 - 0.95) for each in found])
    off_80 = np.mean([abs(each.scores.coverage_80 - 0.80) for each in found])
    bias = np.mean([abs(each.scores.bias) for each in found])
    time = np.exp(np.mean([np.log(max(each.milliseconds, 1e-3)) for each in found]))
    sets = " ".join(f"{100 * (ratio - 1):+.1f}" for ratio in ratios["rmsse"])
    return f"{changes} {off_95:7.3f} {off_80:7.3f} {bias:6.3f} {time:7.2f}  {sets}"


def _ratios(found: Sequence[Found], complete: Sequence[Found], figure: str) -> np.ndarray:
    pairs = zip(found, complete, strict=True)
    return np.array([getattr(one.scores, figure) / getattr(whole.scores, figure) for one, whole in pairs])

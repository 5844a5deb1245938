"""Our figures beside the best of the reference models and the seasonal naive forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.accuracy.measure import Found
from benchmarks.accuracy.measure import run as measure
from benchmarks.accuracy.sets import SalesSet, reference
from benchmarks.accuracy.variants import Variant
from siprems_engine.forecasting.shop.demand_class import DemandClass

FIGURES = ("wape", "rmsse", "pinball")


def run(chosen: Sequence[SalesSet], engines: Sequence[str]) -> None:
    """Print a table of figures, one of ratios, and one of coverage by demand class."""
    found = {}
    for each in chosen:
        found[each.name] = measure(each, Variant("asked for", engines))
    _figures(found)
    _against_reference(found)
    _by_class(found)


def _figures(found: dict[str, Found]) -> None:
    print(
        f"{'set':26} {'SKU-folds':>9} {'WAPE':>6} {'bias':>6} {'RMSSE':>6} {'MASE':>6} {'pinball':>7} "
        f"{'cov95':>6} {'cov80':>6} {'CPU ms':>7}"
    )
    for name, each in found.items():
        s = each.scores
        print(
            f"{name:26} {s.product_folds:9} {s.wape:6.3f} {s.bias:+6.3f} {s.rmsse:6.3f} {s.mase:6.3f} "
            f"{s.pinball:7.3f} {s.coverage_95:6.3f} {s.coverage_80:6.3f} {each.milliseconds:7.2f}"
        )


def _against_reference(found: dict[str, Found]) -> None:
    """Print each figure beside the best reference model's; at the end the geometric means of the ratios."""
    print(
        f"\n{'set':26} {'figure':8} {'ours':>6} {'best reference':>24} {'naive':>6} {'to best':>8} "
        f"{'to naive':>8}"
    )
    ratios: dict[str, list[tuple[float, float, float]]] = {figure: [] for figure in FIGURES}
    for row in reference():
        if row["set"] not in found:
            continue
        ours = float(getattr(found[row["set"]].scores, row["figure"]))
        best, naive = float(row["best"]), float(row["seasonal_naive"])
        ratios[row["figure"]].append((ours / best, ours / naive, best / naive))
        print(
            f"{row['set']:26} {row['figure']:8} {ours:6.3f} {row['best_model']:>17} {best:6.3f} {naive:6.3f} "
            f"{ours / best:8.3f} {ours / naive:8.3f}"
        )
    for figure, rows in ratios.items():
        if rows:
            to_best, to_naive, best = np.exp(np.log(np.array(rows)).mean(axis=0))
            print(
                f"{'geometric mean':26} {figure:8} {'':6} {'best to naive':>17} {best:6.3f} {'':6} "
                f"{to_best:8.3f} {to_naive:8.3f}"
            )


def _by_class(found: dict[str, Found]) -> None:
    print(f"\n{'set':26} {'class':13} {'SKU-folds':>9} {'pinball':>7} {'cov95':>6} {'cov80':>6}")
    for name, each in found.items():
        for kind in DemandClass:
            s = each.by_class[kind]
            if s.product_folds:
                print(
                    f"{name:26} {kind.value:13} {s.product_folds:9} {s.pinball:7.3f} {s.coverage_95:6.3f} "
                    f"{s.coverage_80:6.3f}"
                )

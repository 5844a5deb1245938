"""The tables of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from benchmarks.replenishment.shops import Replayed
from siprems_engine.inventory.replay.figures import Pooled
from siprems_engine.inventory.replay.run import EARLIER, EARLIER_WHOLE, HINDSIGHT, PLAN, Outcome

# A single product is no catalogue; it is shown, but not pooled.
FEWEST_POOLED = 10


def print_all(found: Sequence[Replayed]) -> None:
    """Print a line for each set, lead time and rule, then all sets together, then what was promised."""
    shares = "".join(f"{name:>7}" for name in ("cycle", "asked", "fill", "out"))
    sums = f"{'stock':>8} {'orders':>6} {'cost':>10}"
    ratios = "".join(f"{name:>12}" for name in ("to earlier", "to whole", "to best"))
    print(f"{'set':24} {'lead':>4} {'rule':40} {'SKUs':>5} {'cycles':>6}{shares} {sums}{ratios}")
    for each in found:
        _print(each.name, each.lead, {made.name: made.figures.pooled() for made in each.outcomes})
    for lead in sorted({each.lead for each in found}):
        catalogue = [
            each for each in found if each.lead == lead and _products(each.outcomes[0]) >= FEWEST_POOLED
        ]
        if len(catalogue) > 1:
            _print("all sets", lead, _pooled(catalogue))
    _print_promises(found)


def _print(name: str, lead: float, lines: dict[str, Pooled]) -> None:
    for rule, each in lines.items():
        figures = each.cycle_service, each.asked_service, each.fill_rate, each.out_share
        shares = "".join(f"{100 * share:7.2f}" for share in figures)
        sums = f"{each.stock:8.0f} {each.orders:6.0f} {each.cost:10.0f}"
        others = (lines[other].cost for other in (EARLIER, EARLIER_WHOLE, HINDSIGHT))
        ratios = "".join(f"{100 * (each.cost / cost - 1):+10.1f} %" for cost in others)
        print(f"{name:24} {lead:4.0f} {rule:40} {each.products:5} {each.cycles:6}{shares} {sums}{ratios}")


def _pooled(found: Sequence[Replayed]) -> dict[str, Pooled]:
    """Take the products of several sets as one catalogue."""
    return {
        made.name: _together([each.outcomes[place] for each in found])
        for place, made in enumerate(found[0].outcomes)
    }


def _together(outcomes: Sequence[Outcome]) -> Pooled:
    parts = [each.figures for each in outcomes]
    columns = {
        field.name: np.concatenate([np.atleast_1d(getattr(part, field.name)) for part in parts])
        for field in fields(parts[0])
        if field.name != "periods"
    }
    return type(parts[0])(**columns, periods=max(part.periods for part in parts)).pooled()


def _print_promises(found: Sequence[Replayed]) -> None:
    """Print how often orders of the plan were meant to suffice, and how often they did."""
    print(f"\n{'set':24} {'lead':>4} {'promised':>8} {'kept':>6} {'forecasting':>12} {'replaying':>10}")
    for each in found:
        plan = next(made for made in each.outcomes if made.name == PLAN)
        measured = plan.figures.cycles.max()
        promised = np.nan if plan.promised is None else plan.promised[:, : int(measured)].mean()
        kept = plan.figures.pooled().cycle_service
        print(
            f"{each.name:24} {each.lead:4.0f} {100 * promised:8.2f} {100 * kept:6.2f} "
            f"{each.forecasting:10.1f} s {each.replaying:8.1f} s"
        )


def _products(outcome: Outcome) -> int:
    return len(outcome.figures.wanted)

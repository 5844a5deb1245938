"""Whether the fast engine finds what stock Prophet looks for: the same optimum, file, forecast and interval.

    .venv/bin/python -m benchmarks.optimum [--data FOLDER ...] [--synthetic 300] [--intervals 6]
                                           [--kept FILE [--minutes 8]]

Every series is fitted with and without events by both engines, and both results are judged by the same log
posterior. "gain" is ours less Stan's; "KKT" is how far our point is from the conditions of an optimum;
"distance" is, per series, the median over its rows of how far the two fitted values are apart, in units of
the noise; "read back" is the largest difference, in sample and four weeks ahead, between our closed form and
stock Prophet reading our file; "interval" is the largest relative difference of the half width, four weeks
ahead, from that of 400,000 futures simulated by Prophet.

Where Stan's default method stops far from our point Prophet's other one is asked, too (see `stan_fit`), and
"p99 best" is the quantile of the distances from the better point of the two, by which they are judged. With
a file the results are kept in it, and another call goes on where one with `--minutes` has stopped. Ends with
1 if a bar is missed, and says by what.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks import series
from benchmarks.comparison import MEDIAN_DISTANCE, P99_DISTANCE, Case, Comparison, compare
from siprems_engine.forecasting import DailyHistory, Event

COLUMNS = ("series", "gain min", "KKT max", "distance", "p99", "p99 best", "read back", "interval")


def main() -> int:
    """Compare all series, print a line per group, and name the series that miss a bar."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--synthetic", type=int, default=300)
    parser.add_argument("--intervals", type=int, default=6, help="series of a group with simulated futures")
    parser.add_argument("--kept", type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    given = parser.parse_args()
    # Prophet asks its logger for the level when it is loaded.
    logging.disable(logging.CRITICAL)
    until, known = time.monotonic() + 60.0 * given.minutes, recall(given.kept)
    print(f"{'group':>36}" + "".join(f"{name:>11}" for name in COLUMNS))
    every: list[Comparison] = []
    for group, cases in groups(given.data, given.synthetic, given.intervals):
        found = list(compare_all(cases, known, given.kept, until))
        if found:
            print(line(group, found), flush=True)
        every += found
    print(line("all", every))
    return conclusion(every)


def recall(kept: Path | None) -> dict[tuple[str, str], Comparison]:
    """Return what earlier calls have kept, by group and name."""
    if kept is None or not kept.exists():
        return {}
    found = (Comparison(**json.loads(row)) for row in kept.read_text().splitlines())
    return {(each.group, each.name): each for each in found}


def compare_all(
    cases: list[Case],
    known: dict[tuple[str, str], Comparison],
    kept: Path | None,
    until: float,
) -> Iterator[Comparison]:
    """Yield what is known and, as long as there is time, what is not."""
    for case in cases:
        found = known.get((case.group, case.name))
        if found is None and time.monotonic() < until:
            found = compare(case)
            if kept is not None:
                with kept.open("a") as file:
                    file.write(json.dumps(asdict(found)) + "\n")
        if found is not None:
            yield found


def groups(folders: list[Path], synthetic: int, simulated: int) -> Iterator[tuple[str, list[Case]]]:
    """Yield the cases of every source, each once with and once without events."""
    for folder in folders:
        histories, events = series.from_folder(folder)
        yield from both(folder.name, histories, events or series.market_days(), simulated)
    invented = {f"invented {seed}": series.varied(seed) for seed in range(synthetic)}
    if invented:
        yield from both("invented", invented, series.market_days(), simulated)


def both(
    source: str, histories: dict[str, DailyHistory], events: list[Event], simulated: int
) -> Iterator[tuple[str, list[Case]]]:
    """Yield a group with events and one without; series evenly apart are simulated."""
    chosen = set(np.linspace(0, len(histories) - 1, min(simulated, len(histories))).astype(int).tolist())
    for words, given in (("with events", events), ("without", [])):
        group = f"{source}, {words}"
        yield (
            group,
            [
                Case(group, name, history, given, place in chosen)
                for place, (name, history) in enumerate(histories.items())
            ],
        )


def line(group: str, found: list[Comparison]) -> str:
    """Return the table's line of a group: the worst of every figure, and two quantiles of the distances."""
    distances = [each.distance for each in found]
    best = [each.best_distance for each in found]
    widths = [each.interval for each in found if not np.isnan(each.interval)]
    figures = (
        min(each.gain for each in found),
        max(each.kkt for each in found),
        float(np.median(distances)),
        float(np.quantile(distances, 0.99)),
        float(np.quantile(best, 0.99)),
        max(each.read_back for each in found),
        max(widths, default=float("nan")),
    )
    return f"{group:>36}{len(found):>11}" + "".join(f"{figure:>11.2g}" for figure in figures)


def conclusion(found: list[Comparison]) -> int:
    """Print what misses a bar, and where Stan's fitted values are far from ours; 1 if anything was missed."""
    failed = [each for each in found if each.missed]
    for each in failed:
        print(f"missed: {each.name} ({each.group}), {each.rows} rows: {', '.join(each.missed)}")
    for each in sorted(found, key=lambda each: -each.distance):
        if each.distance > P99_DISTANCE:
            print(
                f"apart: {each.name} ({each.group}), {each.rows} rows: {each.distance:.2g} sigma, gain "
                f"{each.gain:.2g}, KKT {each.kkt:.1g}, that of Stan's point {each.stan_kkt:.2g}; "
                f"by the better method {each.best_distance:.2g} sigma, gain {each.best_gain:.2g}"
            )
    best = [each.best_distance for each in found]
    far = bool(np.median(best) > MEDIAN_DISTANCE or np.quantile(best, 0.99) > P99_DISTANCE)
    print("missed: the distances" if far else "The distances are within their bars.")
    return int(bool(failed) or far)


if __name__ == "__main__":
    sys.exit(main())

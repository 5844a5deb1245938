"""Forecasts of real shops out of sample, beside reference figures; or what each part is worth.

    .venv/bin/python -m benchmarks.accuracy --data FOLDER [--sets NAME ...] [--sample 80] [--engine auto]
    .venv/bin/python -m benchmarks.accuracy --data FOLDER --ablation

FOLDER holds a folder for each set, with `sales.csv[.gz]` and, where there are any, `events.csv` and
`promotions.csv`. Four folds of 14 days or 8 weeks; the whole shop is forecast and scored as `./siprems
evaluate` does it. The reference figures (`reference.csv`) are of the sample of 80. One thread, no database.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# CPU time is compared; more threads would count their waiting.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

from benchmarks.accuracy import ablation, sets, tables  # noqa: E402 - read the number of threads when loaded


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", help="names of sets (default: all)")
    parser.add_argument("--sample", type=int, help="score so many products of each set, chosen by hash")
    parser.add_argument("--engine", default="auto", help="several with commas are blended")
    parser.add_argument("--ablation", action="store_true", help="leave out each part in turn")
    parser.add_argument("--only", nargs="+", help="with --ablation: these variants alone")
    given = parser.parse_args()
    chosen = [sets.load(given.data / name, given.sample) for name in given.sets or sets.names(given.data)]
    if given.ablation:
        ablation.run(chosen, given.only)
    else:
        tables.run(chosen, given.engine.split(","))


if __name__ == "__main__":
    main()

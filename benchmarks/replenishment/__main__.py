"""Orders by the plan on the past of real shops, beside the earlier rule, fixed levels, and hindsight.

    .venv/bin/python -m benchmarks.replenishment --data FOLDER [--sets NAME ...] [--reviews 26]

FOLDER holds a folder for each set, as `benchmarks.accuracy` reads it. The last `--reviews` weeks of each are
replayed with lead times of 3 and 7 days, a review every 7 days and 95 % cycle service, all from the same
forecasts, which know nothing after their review. Where a set has a record of stock (`stock_history.csv`)
there is a plan that knows it and one that does not. One thread, no database.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# As many as the forecaster is measured with.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

from benchmarks.replenishment import shops, tables  # noqa: E402 - reads the number of threads when loaded


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", default=shops.SETS, help="names of sets")
    parser.add_argument("--reviews", type=int, default=26, help="weeks to replay")
    parser.add_argument("--leads", nargs="+", type=float, default=(3.0, 7.0), help="lead times in days")
    given = parser.parse_args()
    found = [
        replayed
        for name in given.sets
        for replayed in shops.replay(given.data / name, given.leads, given.reviews)
    ]
    tables.print_all(found)


if __name__ == "__main__":
    main()

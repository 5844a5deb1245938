"""Kill everything while 1,000 tasks are submitted, and count what is lost or done twice.

    .venv/bin/python -m benchmarks.chaos [--tasks 1000] [--clients 4] [--systems siprems celery acks-late]

Kills pool processes and workers (-9), restarts the broker empty and the database, stops a worker past its
lease and resumes it, and runs two Beats. Plain Celery gets the same faults: with its default settings, and
with `acks_late`. A task is lost when it was acknowledged and has not ended two minutes after all is quiet.
"""

from __future__ import annotations

import argparse

from benchmarks.chaos.faults import Plan
from benchmarks.chaos.report import apart, print_report


def main() -> None:
    """Torment each system and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--systems", nargs="+", default=["siprems", "celery", "acks-late"])
    given = parser.parse_args()
    print(
        f"{'system':20}{'submitted':>10}{'acked':>7}{'finished':>9}{'failed':>7}{'LOST':>6}{'TWICE':>6}"
        f"{'run again':>10}{'seconds':>9}",
        flush=True,
    )
    for name in given.systems:
        print_report(apart(name, given.tasks, given.clients, Plan(), given.seed))


if __name__ == "__main__":
    main()

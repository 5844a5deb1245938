"""Cancelling the training of a whole catalogue: how long until every chunk has stopped; then the next run.

    .venv/bin/python -m benchmarks.cancel_nightly [--products 10000] [--days 365] [--after 5] [--times 5]

Starts its own database, broker and a real worker. Each run is cancelled some seconds after its start. Prints
one line a run: chunks that had ended well, that were stopped, and seconds from the cancel to the last's end.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from uuid import UUID

from benchmarks import nightly

LOOK_EVERY_SECONDS = 0.02


def main() -> None:
    """Cancel some runs, then let one end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--after", type=float, default=5.0)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with nightly.own_servers() as (state, url):
        nightly.prepare(url, given.products, given.days)
        with nightly.worker(state, 2):
            measure(given.after, given.times)


def measure(after: float, times: int) -> None:
    """The table."""
    from siprems_backend.extensions.database import database
    from siprems_backend.services import task_registry
    from siprems_backend.services.task_registry import TaskKind
    from siprems_backend.utils.roles import Role
    from tests import factories

    operator = factories.make_principal(database, Role.OPERATOR)
    print(f"{'run':>5}{'ended':>8}{'stopped':>9}{'all stopped s':>15}{'parent says so s':>18}", flush=True)
    for number in range(times):
        parent = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=operator).task_id
        time.sleep(after)
        began = time.perf_counter()
        task_registry.cancel(parent, operator)
        counts = _stopped(parent)
        stopped = time.perf_counter() - began
        _ended(parent)
        told = time.perf_counter() - began
        print(
            f"{number + 1:>5}{counts['SUCCESS']:>8}{counts['REVOKED']:>9}{stopped:>15.2f}{told:>18.2f}",
            flush=True,
        )
    parent = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=operator).task_id
    print(f"\nthe next run, not cancelled: {_ended(parent)}, {_stopped(parent)['SUCCESS']} chunks ended well")


def _stopped(parent: UUID) -> Counter[str]:
    """Wait until no chunk waits or runs; how many ended how."""
    from siprems_backend.extensions.database import database
    from siprems_backend.models import task_queries
    from siprems_backend.services.task_registry import states

    while True:
        with database.reading() as session:
            counts = Counter(task_queries.child_states(session, parent))
        if not states.ACTIVE & counts.keys():
            return counts
        time.sleep(LOOK_EVERY_SECONDS)


def _ended(task_id: UUID) -> str:
    from siprems_backend.services import task_registry
    from siprems_backend.services.identity import Principal
    from siprems_backend.services.task_registry import states
    from siprems_backend.utils.roles import Role

    while True:
        status = task_registry.get(task_id, Principal(0, "benchmark", Role.ADMIN)).status
        if status in states.TERMINAL:
            return status
        time.sleep(LOOK_EVERY_SECONDS)


if __name__ == "__main__":
    main()

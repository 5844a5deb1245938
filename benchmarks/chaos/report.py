"""One system tormented in a process of its own, and the report of it."""

from __future__ import annotations

import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.chaos.bare_system import BareCelery
from benchmarks.chaos.driver import Report, torment
from benchmarks.chaos.faults import Plan
from benchmarks.chaos.siprems_system import Siprems
from benchmarks.chaos.system import System


def apart(name: str, tasks: int, clients: int, plan: Plan, seed: int) -> Report:
    """Torment one system; settings and connections belong to a process, so it gets one of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_torment, name, tasks, clients, plan, seed).result()


def _torment(name: str, tasks: int, clients: int, plan: Plan, seed: int) -> Report:
    made: dict[str, System] = {
        "siprems": Siprems(),
        "celery": BareCelery(acks_late=False),
        "acks-late": BareCelery(acks_late=True),
    }
    return torment(made[name], tasks, clients, plan, seed)


def print_report(report: Report) -> None:
    """One row, and how long each kind of fault took to get over."""
    done = report.outcome
    print(
        f"{report.name:20}{report.submitted:>10}{report.acknowledged:>7}{done.finished:>9}{done.failed:>7}"
        f"{done.lost:>6}{done.twice:>6}{done.reruns:>10}{report.seconds:>9.0f}",
        flush=True,
    )
    for fault in sorted({each.fault for each in report.recoveries}):
        seconds = [each.seconds for each in report.recoveries if each.fault == fault]
        print(
            f"    {fault:30}{len(seconds):>3} times, recovered in {statistics.median(seconds):5.1f} s"
            f" (p50), {max(seconds):5.1f} s (max)",
            flush=True,
        )

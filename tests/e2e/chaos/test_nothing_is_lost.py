"""A bounded version of `benchmarks.chaos`: every kind of fault once, while tasks of all kinds come in."""

from __future__ import annotations

from benchmarks.chaos.faults import Plan
from benchmarks.chaos.report import apart


def test_nothing_is_lost_and_nothing_happens_twice() -> None:
    once = Plan(processes=1, workers=1, brokers=1, databases=1, stops=1)
    report = apart("siprems", 60, 3, once, seed=7)
    assert report.acknowledged == report.submitted
    assert report.outcome.finished == report.acknowledged
    assert (report.outcome.lost, report.outcome.failed, report.outcome.twice) == (0, 0, 0)
    assert len(report.recoveries) == 5

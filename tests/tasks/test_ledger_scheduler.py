"""Beat's loop: it outlasts everything, and says so."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from siprems_backend.extensions.database import Database
from siprems_backend.extensions.queue import celery
from siprems_backend.services import regular_runs
from siprems_backend.tasks.ledger_scheduler import LONGEST_PAUSE_SECONDS, LOOK_EVERY_SECONDS, LedgerScheduler
from tests.away import servers_away


def test_it_looks_every_second(database: Database) -> None:
    scheduler = LedgerScheduler(celery)
    assert scheduler.tick() == LOOK_EVERY_SECONDS
    assert regular_runs.last_taken_at() is not None
    scheduler.close()


def test_it_waits_for_a_database_that_is_away(database: Database) -> None:
    scheduler = LedgerScheduler(celery)
    with capture_logs() as lines, servers_away():
        pauses = [scheduler.tick() for _ in range(8)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    assert {line["event"] for line in lines} == {"beat_without_database"}
    with capture_logs() as lines:
        assert scheduler.tick() == LOOK_EVERY_SECONDS
    assert "beat_goes_on" in {line["event"] for line in lines}


def test_it_outlasts_mistakes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = LedgerScheduler(celery)
    with monkeypatch.context() as patch, capture_logs() as lines:
        patch.setattr(scheduler._runs, "start_due", lambda: 1 / 0)
        assert scheduler.tick() == LOOK_EVERY_SECONDS
        assert scheduler.tick() == 2 * LOOK_EVERY_SECONDS
    assert {line["event"] for line in lines} == {"beat_failed"}
    assert scheduler.tick() == LOOK_EVERY_SECONDS


def test_it_is_made_without_looking_when_only_shown(database: Database) -> None:
    assert "slots" in LedgerScheduler(celery, lazy=True).info
    assert regular_runs.last_taken_at() is None

"""Threads that live while they are needed."""

from __future__ import annotations

import pytest

from siprems_backend.services.live_updates import errand as errand_module
from siprems_backend.services.live_updates.errand import Errand
from tests.following import wait_until


def test_the_thread_ends_with_the_need_and_comes_back_with_it() -> None:
    work: list[str] = []
    done: list[str] = []
    finished: list[str] = []

    def step() -> None:
        done.append(work.pop())

    errand = Errand("test", step, lambda: bool(work), lambda: finished.append("finished"))
    for round_number in (1, 2):
        work.append("something")
        errand.ensure()
        errand.ensure()
        wait_until(lambda: not errand.is_running, "the end of the thread")
        assert len(done) == len(finished) == round_number


def test_a_step_that_fails_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand_module, "PAUSE_AFTER_FAILURE_SECONDS", 0.0)
    tried: list[int] = []

    def step() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise ZeroDivisionError("a bug")

    errand = Errand("test", step, lambda: len(tried) < 2)
    errand.ensure()
    wait_until(lambda: not errand.is_running, "the end of the thread")
    assert len(tried) == 2

"""Who may ask a server that did not answer, and when."""

from __future__ import annotations

import pytest

from siprems_backend.utils import breaker
from siprems_backend.utils.breaker import Breaker


def test_everybody_asks_while_answers_come() -> None:
    asked = Breaker(1000.0)
    assert asked.lets_through()
    asked.succeeded()
    assert asked.lets_through()
    assert asked.lets_through()


def test_nobody_asks_during_the_pause() -> None:
    asked = Breaker(1000.0)
    asked.failed()
    assert not asked.lets_through()
    assert not asked.lets_through()


def test_one_asks_after_the_pause_and_all_after_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now)
    asked = Breaker(10.0)
    asked.failed()
    now = 10.0
    assert asked.lets_through()
    assert not asked.lets_through()
    now = 20.0
    assert asked.lets_through()
    asked.succeeded()
    assert asked.lets_through()
    assert asked.lets_through()

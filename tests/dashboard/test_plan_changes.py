"""What was typed over the plan belongs to who typed it, and to the plan's day."""

from __future__ import annotations

import datetime as dt

import pytest

from siprems_backend.dashboard.pages.plan import changes
from siprems_backend.services.identity import Principal
from siprems_backend.utils.roles import Role

TODAY = dt.date(2026, 6, 24)


def signed_in(monkeypatch: pytest.MonkeyPatch, user_id: int) -> None:
    monkeypatch.setattr(changes, "caller", lambda: Principal(user_id, "a@example.com", Role.ANALYST))


def test_nobody_orders_what_another_typed_nor_what_was_typed_yesterday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed_in(monkeypatch, 1)
    typed = {"A": changes.marked({"quantity": 12.0}, TODAY)}
    assert changes.mine(typed, "A", TODAY)["quantity"] == 12.0
    assert changes.mine(typed, "B", TODAY) == {}
    assert changes.mine(typed, "A", TODAY + dt.timedelta(days=1)) == {}
    assert changes.mine(None, "A", TODAY) == {}
    signed_in(monkeypatch, 2)
    assert changes.mine(typed, "A", TODAY) == {}
    # What is typed once more is marked once more.
    assert changes.mine({"A": changes.marked(typed["A"], TODAY)}, "A", TODAY)["quantity"] == 12.0

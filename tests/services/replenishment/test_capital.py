"""Limited money goes where it earns most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.replenishment.capital import spend


def _line(key: int, units: float, cost: float, profit: float | None, **more: float) -> Any:
    terms = {"pack_size": 1.0, "minimum": 0.0, **more}
    return SimpleNamespace(
        product_id=key, recommended=units, value=units * cost, expected_profit=profit, **terms
    )


def test_the_most_profitable_come_first_and_the_last_in_parts() -> None:
    lines = [_line(1, 10, 10, 50), _line(2, 10, 1, 20), _line(3, 10, 5, 10)]
    spending = spend(lines, 61)
    assert [line.product_id for line in spending.ranked] == [2, 1, 3]
    assert {key: funded.units for key, funded in spending.funded.items()} == {2: 10, 1: 5}
    assert (spending.spent, spending.expected_profit) == (60, 45)


def test_packs_and_minimum_are_kept() -> None:
    assert spend([_line(1, 12, 1, 9, pack_size=4.0)], 11).of(1).units == 8
    assert spend([_line(1, 12, 1, 9, pack_size=4.0, minimum=10.0)], 11).of(1).units == 0
    # What is too dear leaves the money to others.
    spending = spend([_line(1, 12, 1, 9, minimum=12.0), _line(2, 5, 1, 1)], 11)
    assert (spending.of(1).units, spending.of(2).units) == (0, 5)


def test_what_earns_nothing_or_has_no_price_gets_nothing() -> None:
    unpriced = SimpleNamespace(
        product_id=3, recommended=5.0, value=None, expected_profit=None, pack_size=1.0, minimum=0.0
    )
    spending = spend([_line(1, 5, 1, -2), _line(2, 0, 1, 0), unpriced, _line(4, 5, 1, 3)], 100)
    assert spending.ranked[0].product_id == 4
    assert list(spending.funded) == [4]


MONEY = st.floats(0, 1e5)
LINES = st.lists(
    st.tuples(
        st.integers(1, 50), st.floats(0.01, 100), st.floats(-50, 500), st.sampled_from([1.0, 5.0, 12.0])
    ),
    max_size=12,
)


@given(lines=LINES, money=MONEY)
def test_no_more_is_spent_than_there_is(lines: list[tuple[int, float, float, float]], money: float) -> None:
    made = [
        _line(key, packs * pack, cost, profit, pack_size=pack)
        for key, (packs, cost, profit, pack) in enumerate(lines)
    ]
    spending = spend(made, money)
    assert sum(funded.value or 0 for funded in spending.funded.values()) <= money + 1e-3
    for line in made:
        bought = spending.of(line.product_id).units or 0
        assert 0 <= bought <= line.recommended
        assert bought / line.pack_size == pytest.approx(round(bought / line.pack_size))
    enough = spend(made, sum(line.value for line in made) + 1)
    assert all(
        enough.of(line.product_id).units == line.recommended for line in made if line.expected_profit > 0
    )

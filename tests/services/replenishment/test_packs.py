"""Quantities that a supplier takes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.replenishment.packs import Packed, packed

QUANTITIES = st.decimals(0, 10**6, places=4)
PACKS = st.decimals(Decimal("0.0001"), 1000, places=4)


@pytest.mark.parametrize(
    ("wish", "pack", "minimum", "expected"),
    [
        ("100", "6", "0", Packed(Decimal(102), "pack")),
        ("102", "6", "0", Packed(Decimal(102))),
        ("7", "6", "24", Packed(Decimal(24), "minimum")),
        ("7", "10", "24", Packed(Decimal(30), "minimum")),
        ("0", "6", "24", Packed(Decimal(0))),
        ("2.5", "0.5", "0", Packed(Decimal("2.5"))),
    ],
)
def test_a_wish_becomes_what_the_supplier_takes(wish: str, pack: str, minimum: str, expected: Packed) -> None:
    assert packed(Decimal(wish), Decimal(pack), Decimal(minimum)) == expected


@given(wish=QUANTITIES, pack=PACKS, minimum=QUANTITIES)
def test_it_is_the_least_of_whole_packs_that_suffices(wish: Decimal, pack: Decimal, minimum: Decimal) -> None:
    made = packed(wish, pack, minimum)
    if wish == 0:
        assert made.units == 0
        return
    least = max(wish, minimum)
    assert made.units % pack == 0
    assert made.units >= least > made.units - pack
    assert (made.raised_by is None) == (made.units == wish)

"""Text that travels everywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.utils.single_line import single_line


@pytest.mark.parametrize("text", ["A/B", "../../etc/passwd", "12 MACARON", "x@y", "Ünïcödé", "a//b", "木"])
def test_free_text_stays_as_it_is(text: str) -> None:
    assert single_line(text, 200) == text


def test_blanks_go_from_the_ends_and_stay_inside() -> None:
    assert single_line(" \u00a0 a  b \t", 200) == "a  b"


def test_two_ways_to_write_a_letter_become_one() -> None:
    assert single_line("U\u0308ber", 200) == "\u00dcber"


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\tb", "a\x7fb", "a\u2028b", "a\ud800b", "a\x85b"])
def test_control_characters_are_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=rf"number 2 is U\+{ord(text[1]):04X}"):
        single_line(text, 200)


def test_the_limit_counts_characters_after_cleaning() -> None:
    assert len(single_line("u\u0308" * 200 + "  ", 200)) == 200
    with pytest.raises(ValueError, match="at most 200 characters long; this has 201"):
        single_line("x" * 201, 200)


@given(st.text(max_size=30))
def test_what_is_accepted_is_a_fixed_point_that_utf8_can_carry(text: str) -> None:
    try:
        cleaned = single_line(text, 200)
    except ValueError:
        return
    assert single_line(cleaned, 200) == cleaned
    assert cleaned.encode().decode() == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)

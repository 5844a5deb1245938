"""Event names: the cheap way agrees with the one that asks pandas, and does not load it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import prophet_stan
from siprems_engine.forecasting.fast.event_names import event_name
from tests.engine.test_prophet_stan import AWKWARD_NAMES

ORDINARY = [
    *("Kieler Woche Festival", "Black Friday", "New Year's Day", "Weihnachten", "Père Noël", "Карнавал"),
    *("Easter 2024", "Black Friday 24-11", "2024 Street party", "Karneval 11-11 11", "25 years of Bakery"),
]
VALUES = [
    *("Friday", "June", "May", "Mon", "true", "None", "now", "Infinity", "inf", "a", "March March", "hours"),
    *("FAIR 10:30", "10 30 FAIR", "5 June 2024", "2024 March", "12 o'clock", "0xabcd", "1e5", "Q1 2024"),
]
PARTS = [
    *("2024", "12", "7", "10:30", "1.5", "24th", "Q1", "T", "pm", "UTC", "FAIR", "EASTER", "Fair", "Easter"),
    *("May", "March", "Friday", "MON", "of", "the", "sept", "hours", "Woche", "today", "inf", "é"),
]


@pytest.mark.parametrize("name", [*ORDINARY, *VALUES, *AWKWARD_NAMES, *sorted(prophet_stan.RESERVED)])
def test_a_name_becomes_what_the_stock_engine_makes_of_it(name: str) -> None:
    assert event_name(name) == prophet_stan.event_name(name)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(st.sampled_from("abceghijlmnorstuwyzAFMJ é'-"), max_size=12),
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map(" ".join),
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("-".join),
    )
)
def test_random_words_become_what_the_stock_engine_makes_of_them(name: str) -> None:
    assert event_name(name) == prophet_stan.event_name(name)


def test_ordinary_names_do_not_load_pandas() -> None:
    script = (
        "import sys\nfrom siprems_engine.forecasting.fast.event_names import event_name\n"
        f"print([event_name(n) for n in {ORDINARY!r}] == {ORDINARY!r}, 'pandas' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-X", "utf8", "-c", script], capture_output=True, check=True)
    assert result.stdout.split() == [b"True", b"False"]

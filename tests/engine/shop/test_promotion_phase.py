"""Where in a promotion a period lies, against loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.promotion_phase import GAP, RUN, since, until

FLAGS = arrays(np.bool_, (2, 40))


def run_or_gap(flags: np.ndarray, place: int) -> int:
    """Periods with the same flag up to and with this one; many where there was no promotion before."""
    count = 0
    while place - count >= 0 and flags[place - count] == flags[place]:
        count += 1
    return 999 if not flags[place] and count > place else count


@given(FLAGS, st.sampled_from(list(Step)))
def test_classes_tell_the_age_of_a_promotion_and_the_time_since(promo: np.ndarray, step: Step) -> None:
    behind, ahead = since(promo, step), until(promo, step)
    for table, flags in ((behind.table, promo), (ahead.table[:, ::-1], promo[:, ::-1])):
        for row in range(2):
            for place in range(40):
                length = run_or_gap(flags[row], place)
                if flags[row, place]:
                    wanted = sum(edge <= length for edge in RUN[step])
                else:
                    wanted = len(RUN[step]) + 1 + sum(edge <= length for edge in GAP[step])
                assert table[row, place] == wanted


@pytest.mark.parametrize("step", list(Step))
def test_there_is_a_class_for_everything(step: Step) -> None:
    promo = np.zeros((1, 200), dtype=bool)
    promo[0, 50:100] = True
    for phase in (since(promo, step), until(promo, step)):
        assert phase.table.min() == 0
        assert phase.table.max() == phase.classes - 1

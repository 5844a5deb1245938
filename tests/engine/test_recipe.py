"""The preparation of the reference recipe against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siprems_engine.forecasting import DailyHistory, NotEnoughData, prepare
from tests.engine import synthetic


def test_outliers_go_by_the_sample_deviation_as_in_pandas() -> None:
    base = synthetic.daily_history(seed=3)
    y = base.y.copy()
    y[[10, 200]] = [1e6, 1e5]
    history = DailyHistory(base.ds, y, base.promo)
    frame = pd.DataFrame({"ds": history.ds, "y": np.log1p(history.y)})
    kept = frame[(frame.y - frame.y.mean()).abs() <= 3.5 * frame.y.std()]
    prepared = prepare(history)
    assert len(kept) < len(history)
    assert prepared.ds.tolist() == history.ds[kept.index].tolist()
    np.testing.assert_array_equal(prepared.y_log, kept.y.to_numpy())
    np.testing.assert_allclose(prepared.units, history.y[kept.index])


def test_constant_series_keep_every_row() -> None:
    history = DailyHistory(synthetic.END + np.arange(6), np.full(6, 7.0), np.zeros(6))
    assert len(prepare(history).ds) == 6


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_fewer_than_five_rows_are_not_enough(rows: int) -> None:
    history = DailyHistory(synthetic.END + np.arange(rows), np.ones(rows), np.zeros(rows))
    with pytest.raises(NotEnoughData, match=r"^Not enough data$"):
        prepare(history)

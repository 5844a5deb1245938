"""Classes of demand at their borders."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.watch.demand_class import DemandClass, classify


def test_classes_by_zeros_and_mean() -> None:
    nan = np.nan
    units = np.array(
        [
            [10.0, 10.0, 10.0, 10.0, nan],
            [9.0, 10.0, 10.0, 10.0, nan],
            [100.0, 0.0, 100.0, 0.0, 100.0],
            # A quarter of zeros is one too many.
            [40.0, 40.0, 40.0, 0.0, nan],
            [0.0, 12.0, 12.0, 13.0, 13.0],
            [nan, nan, nan, nan, nan],
        ]
    )
    fast, slow, rare = DemandClass.FAST, DemandClass.SLOW, DemandClass.INTERMITTENT
    assert classify(units) == [fast, slow, rare, rare, fast, None]

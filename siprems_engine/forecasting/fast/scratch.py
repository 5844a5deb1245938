"""The memory one fit works in, allocated once instead of in every step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats


class Scratch(NamedTuple):
    """Arrays that the kernels of one fit share; N = 2 + K + S parameters.

    `weighted` (K, T) is A, the derivative of the mean by beta; `gram` (K, K) is A A'. `gradient`, `step`
    and `trial` (N,) belong to one Newton step; `matrix` (N + 1, N + 1) holds its Hessian and right-hand side.
    `made_at` (2, T) are trend and factor of the mean it was made at, `made_with` (1,) the noise variance,
    infinite if it may not serve again.
    """

    weighted: Floats
    gram: Floats
    gradient: Floats
    step: Floats
    trial: Floats
    matrix: Floats
    made_at: Floats
    made_with: Floats


@compiled
def new_scratch(rows: int, columns: int, size: int) -> Scratch:
    """Allocate for T = `rows`, K = `columns`, N = `size`."""
    return Scratch(
        np.empty((columns, rows)),
        np.empty((columns, columns)),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty((size + 1, size + 1)),
        np.empty((2, rows)),
        np.full(1, np.inf),
    )

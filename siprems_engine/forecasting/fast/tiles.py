"""Sums of products of rows with rows, sixteen at a time: what most of a fit's arithmetic consists of."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

# Rows on each side of a tile: eight rows are loaded for sixteen sums, and those fit into the registers.
WIDTH = 4


@compiled
def write_tile(a: Floats, b: Floats, place: tuple[int, int, int, int], out: Floats) -> None:
    """Write the products of four rows of `a` with four rows of `b` into `out` (4, 4).

    `place` is the first row of `a`, that of `b`, the first column to sum over, and the one behind the last.
    The last row stands in for rows behind it.
    """
    # Numbers without a sign need no check whether they count from the end; slices would cost as much.
    j, k, begin, end = place
    last = len(a) - 1
    j0, j1 = np.uint64(j), np.uint64(min(j + 1, last))
    j2, j3 = np.uint64(min(j + 2, last)), np.uint64(min(j + 3, last))
    last = len(b) - 1
    k0, k1 = np.uint64(k), np.uint64(min(k + 1, last))
    k2, k3 = np.uint64(min(k + 2, last)), np.uint64(min(k + 3, last))
    # Sums in an array would be stored and loaded again for every column.
    s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = 0.0
    s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = 0.0
    for i in range(np.uint64(begin), np.uint64(end)):
        s00 += a[j0, i] * b[k0, i]
        s01 += a[j0, i] * b[k1, i]
        s02 += a[j0, i] * b[k2, i]
        s03 += a[j0, i] * b[k3, i]
        s10 += a[j1, i] * b[k0, i]
        s11 += a[j1, i] * b[k1, i]
        s12 += a[j1, i] * b[k2, i]
        s13 += a[j1, i] * b[k3, i]
        s20 += a[j2, i] * b[k0, i]
        s21 += a[j2, i] * b[k1, i]
        s22 += a[j2, i] * b[k2, i]
        s23 += a[j2, i] * b[k3, i]
        s30 += a[j3, i] * b[k0, i]
        s31 += a[j3, i] * b[k1, i]
        s32 += a[j3, i] * b[k2, i]
        s33 += a[j3, i] * b[k3, i]
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = s00, s01, s02, s03
    out[1, 0], out[1, 1], out[1, 2], out[1, 3] = s10, s11, s12, s13
    out[2, 0], out[2, 1], out[2, 2], out[2, 3] = s20, s21, s22, s23
    out[3, 0], out[3, 1], out[3, 2], out[3, 3] = s30, s31, s32, s33

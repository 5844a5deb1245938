"""Sums of products of rows with rows, sixteen at a time: what most of a fit's arithmetic consists of."""

from __future__ import annotations

from siprems_engine.forecasting.fast.compiled import compiled
from siprems_engine.forecasting.series import Floats

# Rows on each side of a tile: eight rows are loaded for sixteen sums, and those fit into the registers.
WIDTH = 4


@compiled
def write_tile(
    left: tuple[Floats, int], right: tuple[Floats, int], columns: tuple[int, int], out: Floats
) -> None:
    """Write the products of four rows with four rows into `out` (4, 4).

    `left` and `right` are a matrix and its first row that counts; the last row stands in for rows behind it.
    `columns` are the first one to sum over and the one behind the last.
    """
    a, j = left
    b, k = right
    begin, end = columns
    last = len(a) - 1
    a0 = a[j][begin:end]
    a1 = a[min(j + 1, last)][begin:end]
    a2 = a[min(j + 2, last)][begin:end]
    a3 = a[min(j + 3, last)][begin:end]
    last = len(b) - 1
    b0 = b[k][begin:end]
    b1 = b[min(k + 1, last)][begin:end]
    b2 = b[min(k + 2, last)][begin:end]
    b3 = b[min(k + 3, last)][begin:end]
    # Sums in an array would be stored and loaded again for every column.
    s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = 0.0
    s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = 0.0
    for i in range(end - begin):
        s00 += a0[i] * b0[i]
        s01 += a0[i] * b1[i]
        s02 += a0[i] * b2[i]
        s03 += a0[i] * b3[i]
        s10 += a1[i] * b0[i]
        s11 += a1[i] * b1[i]
        s12 += a1[i] * b2[i]
        s13 += a1[i] * b3[i]
        s20 += a2[i] * b0[i]
        s21 += a2[i] * b1[i]
        s22 += a2[i] * b2[i]
        s23 += a2[i] * b3[i]
        s30 += a3[i] * b0[i]
        s31 += a3[i] * b1[i]
        s32 += a3[i] * b2[i]
        s33 += a3[i] * b3[i]
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = s00, s01, s02, s03
    out[1, 0], out[1, 1], out[1, 2], out[1, 3] = s10, s11, s12, s13
    out[2, 0], out[2, 1], out[2, 2], out[2, 3] = s20, s21, s22, s23
    out[3, 0], out[3, 1], out[3, 2], out[3, 3] = s30, s31, s32, s33

"""The tile against numpy's matrix product."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting.fast.tiles import WIDTH, write_tile


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (0, 1), (3, 14), (0, 40), (39, 40)])
@pytest.mark.parametrize(("j", "k"), [(0, 0), (2, 1), (5, 3), (6, 4)])
def test_a_tile_holds_the_products_of_rows_with_rows(j: int, k: int, begin: int, end: int) -> None:
    rng = np.random.default_rng(0)
    a, b, tile = rng.normal(size=(7, 40)), rng.normal(size=(5, 40)), np.empty((WIDTH, WIDTH))
    write_tile(a, b, (j, k, begin, end), tile)
    left = a[np.minimum(np.arange(j, j + WIDTH), 6), begin:end]
    right = b[np.minimum(np.arange(k, k + WIDTH), 4), begin:end]
    np.testing.assert_allclose(tile, left @ right.T, atol=1e-12)

"""From what is needed to what can be ordered: full packs, a minimum, and no more than a limit."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats

# Units that a sum of decimals may be off by, in packs.
TOLERANCE = 1e-6


def whole_units(level: Floats, pack: Floats) -> Floats:
    """Return stock levels (N,) as whole units where packs are whole, to the nearest one.

    Quantiles of counts are smoothed by half a unit to either side: what sells 4 with the probability asked
    for has its quantile anywhere between 3.5 and 4.5, and rounding up would promise too much.
    """
    return np.where(pack % 1.0 == 0, np.maximum(np.ceil(level - 0.5), 0.0), level)


def round_order(need: Floats, pack: Floats, minimum: Floats, most: Floats) -> Floats:
    """Return orders (N,) of at least `need`, in full packs, of the minimum or nothing, and at most `most`.

    Where no full pack, or not the minimum, fits below the limit nothing is ordered.
    """
    packs = np.where(need > 0, np.ceil(np.maximum(need, minimum) / pack - TOLERANCE), 0.0)
    fitting = np.floor(np.maximum(most, 0.0) / pack + TOLERANCE)
    packs = np.minimum(packs, fitting)
    return np.where(packs * pack + TOLERANCE * pack >= minimum, packs * pack, 0.0)

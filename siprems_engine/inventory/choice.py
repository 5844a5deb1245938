"""Names for products by what is true of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.shop.panel import Flags


def first_true(flags: Sequence[Flags], names: Sequence[Any], otherwise: Any) -> NDArray[Any]:
    """Return for each product the name of the first of the flags, (N,) each, that is set.

    As objects, for arrays of text would lose the type of names that are members of an enumeration.
    """
    chosen = np.empty(len(flags[0]), dtype=object)
    chosen[:] = otherwise
    for flag, name in reversed(list(zip(flags, names, strict=True))):
        chosen[flag] = name
    return chosen

"""A service level that is said of a whole shop, shared out among its products.

The same probability of running out everywhere loses most units where most are wanted, and keeps shelves full
of what hardly anybody asks for. Teunter, Babai and Syntetos (2010), "ABC classification: service levels and
inventory costs", give products more service the more of the shop's demand they are, and find lower costs at
the same fill rate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.classification import ValueClass

# The odds of not running out, in parts of the shop's: two lost sales of C weigh as much as one of B.
ODDS = {ValueClass.A: 2.0, ValueClass.B: 1.0, ValueClass.C: 0.5}
# With fewer products their classes tell of no catalogue.
FEWEST_PRODUCTS = 10


def shared_out(level: Floats, classes: Sequence[str | None]) -> Floats:
    """Return service levels (N,) of products by the level (N,) of their shop and their classes of value.

    95 % becomes 97.4 % of class A, 95 % of B and 90.5 % of C. Products without a class (None) keep it, and
    where costs decide it stays NaN.
    """
    odds = np.array([1.0 if each is None else ODDS[ValueClass(each)] for each in classes])
    return odds * level / (odds * level + 1.0 - level)

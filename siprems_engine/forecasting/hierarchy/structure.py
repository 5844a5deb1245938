"""Which products make up which category, and these the shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Indices


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """N products in K groups of one shop: `group` (N,) tells each product's, 0..K-1; none is empty.

    `codes` (K,) are the groups' categories as they were given. Nodes are ordered shop, groups, products;
    totals are the first K + 1 of them.
    """

    group: Indices
    codes: Indices

    @classmethod
    def of(cls, category: Indices) -> Self:
        """Group by the codes (N,) of categories; all products without one (-1) are a group as well.

        Raises `InvalidRequest` without a product.
        """
        if not len(category):
            raise InvalidRequest("There is no product to add up.")
        codes, group = np.unique(category, return_inverse=True)
        return cls(group.astype(np.int64), codes.astype(np.int64))

    @property
    def products(self) -> int:
        """Number of products, N."""
        return len(self.group)

    @property
    def aggregates(self) -> int:
        """Number of totals, K + 1."""
        return len(self.codes) + 1

    def totals(self, values: Floats) -> Floats:
        """Add up values (N, ...) of the products: of the shop, then of its groups, (K + 1, ...)."""
        made = np.zeros((self.aggregates, *values.shape[1:]))
        np.add.at(made, self.group + 1, values)
        made[0] = values.sum(axis=0)
        return made

    def nodes(self, values: Floats) -> Floats:
        """Put the totals of values (N, ...) in front of them, (K + 1 + N, ...)."""
        return np.concatenate([self.totals(values), values])

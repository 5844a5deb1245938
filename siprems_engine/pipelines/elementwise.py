"""Logarithm and square root in the shape of a scikit-learn transformer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siprems_engine.pipelines.errors import NodeError


@dataclass(eq=False)
class Elementwise:
    """The function of each value plus `offset`; nothing is fitted."""

    function: str
    offset: float

    def set_output(self, *, transform: str) -> Elementwise:  # noqa: ARG002
        """Frames give frames in any case."""
        return self

    def fit_transform(self, rows: pd.DataFrame, target: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Transform: there is nothing to fit."""
        return self.transform(rows)

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the function of the values; raises `NodeError` where it has none."""
        moved = rows.astype(float) + self.offset
        lowest = moved.min().min()
        if lowest < 0 or (lowest == 0 and self.function == "log"):
            raise NodeError(f"Columns {', '.join(rows.columns)} have values too low for {self.function}.")
        return moved.apply(np.log if self.function == "log" else np.sqrt)

    def inverse_transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the values that the function makes these of."""
        return rows.apply(np.exp if self.function == "log" else np.square) - self.offset

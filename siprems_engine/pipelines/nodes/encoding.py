"""Texts become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.learning import LearningNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

METHODS = ("one_hot", "label", "ordinal", "target")
# Columns that one column may become: more would be slow to learn from, and fill the memory.
MOST_CATEGORIES = 1000
# What the training part has not shown, in the encodings by whole numbers.
UNKNOWN = -1


class Encoding(LearningNode):
    """Encodes categories by what the training part tells of them."""

    node_type = "encoding"
    title = "Encoding"
    category = "encoding"
    properties = {
        "method": p.choice(
            METHODS,
            "one_hot: a column of 0 and 1 for each value; label: numbers in alphabetical order; ordinal: "
            "numbers in the order of `categories`; target: the smoothed mean of the target, cross-fitted on "
            "training rows. Values that training has not seen become all 0, -1, -1 and the overall mean.",
        ),
        "columns": p.COLUMNS,
        "categories": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 1, "uniqueItems": True},
            "description": "For `ordinal`: the values of each column from low to high.",
        },
        "drop_first": p.flag("For `one_hot`: leave out the first value of each column.", default=False),
        "cv": p.whole("For `target`: folds of the cross-fitting.", 2, 20, 5),
    }
    required = ("method",)

    def needs_target(self, parameters: Parameters) -> bool:
        """Only the encoding by the target."""
        return bool(parameters["method"] == "target")

    def misuses(self, parameters: Parameters, target: str | None) -> str | None:
        """The target can be numbered, but neither spread over columns nor encoded by itself."""
        if target in parameters.get("columns", ()) and parameters["method"] in ("one_hot", "target"):
            return (
                f"Column {target!r} is the target: encode it with `label` or `ordinal`, or leave it as it is."
            )
        extra = set(parameters.get("categories", ())) - set(parameters.get("columns", ()))
        return f"`categories` names {sorted(extra)}, which are not among `columns`." if extra else None

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """One-hot encoding makes columns named by values; so does that by a target of several classes."""
        if parameters["method"] in ("label", "ordinal"):
            return before[0]
        if parameters["method"] == "target":
            return before[0].opened()
        return before[0].drop(parameters.get("columns", ())).opened()

    def chosen(self, table: Table, parameters: Parameters) -> list[str]:
        """Texts and booleans."""
        return [name for name in table.feature_names if table.frame[name].dtype.kind in "Ob"]

    def check(self, table: Table, columns: Sequence[str], parameters: Parameters) -> None:
        """Every kind of value can be encoded, but not any number of them as columns of their own."""
        if parameters["method"] != "one_hot":
            return
        for name in columns:
            found = table.train[name].nunique()
            if found > MOST_CATEGORIES:
                raise NodeError(
                    f"Column {name!r} has {found:,} different values, and one_hot makes a column of each, "
                    f"{MOST_CATEGORIES:,} at most: take `target` or `ordinal`."
                )

    def transformer(self, columns: list[str], table: Table, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's encoder."""
        from sklearn.model_selection import KFold, StratifiedKFold
        from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

        from siprems_engine.pipelines.target import is_classification

        method = parameters["method"]
        if method == "one_hot":
            drop = "first" if parameters["drop_first"] else None
            return OneHotEncoder(drop=drop, handle_unknown="ignore", sparse_output=False)
        if method == "target":
            classes = is_classification(table)
            folds = (StratifiedKFold if classes else KFold)(parameters["cv"], shuffle=True, random_state=seed)
            # Left to itself it takes whole numbers for classes, with a column for each of them.
            return TargetEncoder(cv=folds, target_type="auto" if classes else "continuous")
        return OrdinalEncoder(
            categories=_orders(columns, table, parameters) if method == "ordinal" else "auto",
            handle_unknown="use_encoded_value",
            unknown_value=UNKNOWN,
        )


def _orders(columns: Sequence[str], table: Table, parameters: Parameters) -> list[Any]:
    """Return the order of the values of each column; alphabetical where none is given."""
    given = parameters.get("categories", {})
    return [
        np.array(given[name]) if name in given else np.sort(table.train[name].dropna().unique())
        for name in columns
    ]


NODE = Encoding()

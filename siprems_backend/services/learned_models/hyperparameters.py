"""What can be chosen about a training: names, kinds, ranges and defaults, in one table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.services.learned_models.types import ALL, PROPHET
from siprems_engine.forecasting.learned import Recipe

MOST_LAYERS = 4
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Hyperparameter:
    """One thing to choose: a whole number, a number, or with `layers` a list of up to four whole numbers."""

    description: str
    lowest: float
    highest: float
    whole: bool = True
    layers: bool = False

    def schema(self, default: Any) -> dict[str, Any]:
        """Return it as JSON Schema."""
        single = {
            "type": "integer" if self.whole else "number",
            "minimum": self.lowest,
            "maximum": self.highest,
        }
        shape = {"type": "array", "minItems": 1, "maxItems": MOST_LAYERS, "items": single}
        return {**(shape if self.layers else single), "description": self.description, "default": default}

    def problem(self, value: Any) -> str | None:
        """Why a value cannot be taken; None if it can."""
        if not self.layers:
            return self._problem(value)
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_LAYERS:
            return f"Must be a list of 1 to {MOST_LAYERS} numbers."
        return next((problem for each in value if (problem := self._problem(each))), None)

    def _problem(self, value: Any) -> str | None:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
            return f"Must be a {'whole ' if self.whole else ''}number."
        if not self.lowest <= value <= self.highest:
            return f"Must be between {self.lowest:g} and {self.highest:g}."
        return None


TABLE = {
    "folds": Hyperparameter("Cut-offs of the backtest; fewer where the history is short", 0, 12),
    "epochs": Hyperparameter("Epochs, or rounds of boosting, at most", 1, 5000),
    "patience": Hyperparameter("Rounds without a better validation loss after which it stops", 1, 1000),
    "learning_rate": Hyperparameter("Size of a step", 1e-5, 1.0, whole=False),
    "seed": Hyperparameter(
        "Of everything random: the same seed and sales give the same model", 0, LARGEST_SEED
    ),
    "max_depth": Hyperparameter("Splits from the root of a tree to its leaves", 1, 12),
    "min_child_weight": Hyperparameter("Units expected in a leaf, at least", 0, 1e6, whole=False),
    "num_leaves": Hyperparameter("Leaves of a tree", 2, 255),
    "min_data_in_leaf": Hyperparameter("Rows in a leaf, at least", 1, 100_000),
    "subsample": Hyperparameter("Share of the rows that a tree sees", 0.1, 1.0, whole=False),
    "colsample": Hyperparameter("Share of the columns that a tree sees", 0.1, 1.0, whole=False),
    "l2": Hyperparameter("Penalty on large leaves", 0, 1e4, whole=False),
    "hidden_sizes": Hyperparameter("Width of each hidden layer", 1, 512, layers=True),
    "batch_size": Hyperparameter("Rows of a step", 32, 65_536),
    "dropout": Hyperparameter("Share of a layer left out of a step", 0, 0.8, whole=False),
    "weight_decay": Hyperparameter("Pull of weights towards 0", 0, 1.0, whole=False),
}

_ANY: dict[str, Any] = {"folds": 3}
_LEARNED: dict[str, Any] = {**_ANY, "seed": 1}
_TREES: dict[str, Any] = {
    **_LEARNED,
    "epochs": 500,
    "patience": 30,
    "learning_rate": 0.06,
    "subsample": 0.8,
    "colsample": 0.6,
    "l2": 20.0,
}
_NETWORK: dict[str, Any] = {
    **_LEARNED,
    "epochs": 60,
    "patience": 8,
    "learning_rate": 0.001,
    "hidden_sizes": [64, 32],
    "batch_size": 1024,
    "dropout": 0.1,
    "weight_decay": 0.001,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    PROPHET: _ANY,
    "xgboost": {**_TREES, "max_depth": 5, "min_child_weight": 20.0},
    "lightgbm": {**_TREES, "num_leaves": 15, "min_data_in_leaf": 100},
    "pytorch": _NETWORK,
    "tensorflow": _NETWORK,
}


def names_of(model_type: str) -> list[str]:
    """The hyperparameters of a type; of all types, those of any."""
    if model_type != ALL:
        return list(DEFAULTS[model_type])
    return [name for name in TABLE if any(name in defaults for defaults in DEFAULTS.values())]


def schema_of(model_type: str) -> dict[str, Any]:
    """The JSON Schema of what can be chosen about a training of a type."""
    defaults = DEFAULTS.get(model_type, {})
    names = names_of(model_type)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: TABLE[name].schema(defaults.get(name)) for name in names},
    }


def checked(model_type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, as it was given.

    Raises:
        Invalid: a name is not of the type, or a value out of range; says which.
    """
    names = names_of(model_type)
    problems: dict[str, list[str]] = {}
    for name, value in given.items():
        if name not in names:
            problems[name] = [f"Not for {model_type}, which takes {', '.join(names)}."]
        elif problem := TABLE[name].problem(value):
            problems[name] = [problem]
    if problems:
        shown = "; ".join(f"{name}: {texts[0]}" for name, texts in problems.items())
        raise Invalid(f"The training cannot be done like this. {shown}", fields=problems)
    return dict(given)


def of_type(model_type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Everything about a training of one type: what was chosen of what the type has, and defaults."""
    defaults = DEFAULTS[model_type]
    return {**defaults, **{name: value for name, value in given.items() if name in defaults}}


def recipe_of(model_type: str, chosen: Mapping[str, Any]) -> Recipe:
    """The complete hyperparameters of a learned type as the engine wants them."""
    apart = ("epochs", "patience", "seed", "folds")
    options = {name: value for name, value in chosen.items() if name not in apart}
    return Recipe(model_type, chosen["epochs"], chosen["patience"], chosen["seed"], options)

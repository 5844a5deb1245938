"""Checked access to the values of a model file."""

from __future__ import annotations

import math
from typing import Any

import orjson

from siprems_engine.forecasting.errors import CorruptModel

JsonObject = dict[str, Any]


def load(text: bytes | str, what: str) -> Any:
    """Parse a JSON text; `what` names it in the message of the `CorruptModel` raised otherwise."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise CorruptModel(f"The JSON of {what} cannot be read: {error}.") from error


def number(value: Any, what: str, positive: bool = False) -> float:
    """Return a finite number (not a boolean), above zero if asked; raises `CorruptModel`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CorruptModel(f"{what} must be a finite number, not {str(value)[:40]!r}.")
    if positive and value <= 0:
        raise CorruptModel(f"{what} must be positive, not {value}.")
    return float(value)


def require(document: JsonObject, key: str) -> Any:
    """Return the value of a key that must be there; raises `CorruptModel`."""
    if key not in document:
        raise CorruptModel(f"The model file lacks {key!r}.")
    return document[key]

"""Pieces of JSON Schema that several nodes share."""

from __future__ import annotations

from typing import Any


def text(description: str) -> dict[str, Any]:
    """Return the schema of a short text."""
    return {"type": "string", "minLength": 1, "maxLength": 200, "description": description}


def texts(description: str) -> dict[str, Any]:
    """Return the schema of a list of distinct names."""
    return {
        "type": "array",
        "items": text("A name."),
        "minItems": 1,
        "uniqueItems": True,
        "description": description,
    }


def choice(options: tuple[str, ...], description: str, default: str | None = None) -> dict[str, Any]:
    """Return the schema of one of several words."""
    spec: dict[str, Any] = {"type": "string", "enum": list(options), "description": description}
    return spec if default is None else {**spec, "default": default}


def whole(description: str, low: int, high: int, default: int | None = None) -> dict[str, Any]:
    """Return the schema of a whole number in a closed range."""
    spec: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high, "description": description}
    return spec if default is None else {**spec, "default": default}


def wholes(description: str, low: int, high: int) -> dict[str, Any]:
    """Return the schema of a list of distinct whole numbers."""
    items = {"type": "integer", "minimum": low, "maximum": high}
    return {
        "type": "array",
        "items": items,
        "minItems": 1,
        "maxItems": 50,
        "uniqueItems": True,
        "description": description,
    }


def flag(description: str, *, default: bool) -> dict[str, Any]:
    """Return the schema of a yes or no."""
    return {"type": "boolean", "default": default, "description": description}


COLUMNS = texts("The columns to work on; all that suit if left out.")
GROUP_BY = texts("Columns whose values tell series apart, a product for instance.")
ORDER_BY = text("The column that orders the rows of a series; the order of the rows if left out.")
SEED = whole("Seed of what is random; that of the run if left out.", 0, 2**31 - 1)

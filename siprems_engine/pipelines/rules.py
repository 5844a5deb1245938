"""Rules that rows are checked against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from siprems_engine.pipelines.errors import NodeError


def broken(frame: pd.DataFrame, rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rules that rows break: rule, columns, how many rows, and a sentence."""
    found = (
        {
            "rule": rule,
            "columns": columns,
            "rows": rows,
            "message": f"{rows} rows {what} ({', '.join(columns)}).",
        }
        for rule, columns, rows, what in _checked(frame, rules)
    )
    return [failure for failure in found if failure["rows"]]


def _checked(frame: pd.DataFrame, rules: Mapping[str, Any]) -> Iterator[tuple[str, list[str], int, str]]:
    for name in rules.get("not_null", ()):
        yield "not_null", [name], int(frame[name].isna().sum()), "are empty"
    if keys := list(rules.get("unique", ())):
        yield "unique", keys, int(frame.duplicated(keys).sum()), "repeat another"
    for name, bounds in rules.get("ranges", {}).items():
        if frame[name].dtype.kind not in "iuf":
            raise NodeError(f"Column {name!r} holds no numbers, so `ranges` cannot be checked.")
        outside = (frame[name] < bounds.get("min", -float("inf"))) | (
            frame[name] > bounds.get("max", float("inf"))
        )
        yield "ranges", [name], int(outside.sum()), "are out of range"
    for name, values in rules.get("allowed", {}).items():
        other = frame[name].notna() & ~frame[name].isin(values)
        yield "allowed", [name], int(other.sum()), "have a value that is not allowed"

"""Columns of a CSV file, plain or compressed, as arrays."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_backend.errors import Invalid

# Lines are counted from 1 and the first row stands below the heading.
HEADING_AND_FIRST = 2
MOST_SHOWN = 200
YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})


class Table:
    """A file's columns, as text until a use asks for something else; every message names the file."""

    def __init__(self, path: Path) -> None:
        # pyarrow reads 300,000 rows in a tenth of a second; only commands and workers need it.
        import pyarrow as arrow
        from pyarrow import csv

        self._name = path.name
        # Several threads read no faster here, and cannot tell the number of a bad row.
        in_turn = csv.ReadOptions(use_threads=False, block_size=1 << 20)
        everything_text = csv.ConvertOptions(strings_can_be_null=False, null_values=[])
        try:
            names = csv.open_csv(path, read_options=in_turn).schema.names
            self._refuse_doubles(names)
            everything_text.column_types = {name: arrow.string() for name in names}
            self._table = csv.read_csv(path, read_options=in_turn, convert_options=everything_text)
        except (OSError, ValueError) as error:
            raise Invalid(f"{self._name} cannot be read as CSV: {str(error).rstrip('.')}.") from error

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self._table.column_names

    def first_of(self, names: Sequence[str]) -> str:
        """Return the first of the names that is a column; raises `Invalid`."""
        found = [name for name in names if self.has(name)]
        if not found:
            there = ", ".join(self._table.column_names)
            raise Invalid(f"{self._name} needs a column {' or '.join(names)}; it has: {there[:MOST_SHOWN]}.")
        return found[0]

    def codes(self, name: str) -> tuple[list[str], NDArray[np.int64]]:
        """Return the distinct texts of a column, sorted, and the place of each row's text among them."""
        column = self._table.column(self.first_of([name])).combine_chunks().dictionary_encode()
        texts = column.dictionary.to_pylist()
        order = sorted(range(len(texts)), key=lambda place: texts[place])
        rank = np.empty(len(texts), dtype=np.int64)
        rank[order] = np.arange(len(texts))
        return [texts[place] for place in order], rank[column.indices.to_numpy(zero_copy_only=False)]

    def days(self, name: str) -> NDArray[np.datetime64]:
        """Return a column of dates, (n,); a time of day is left out. Raises `Invalid`."""
        return self._converted(name, _day, "datetime64[D]", "a date like 2024-12-31")

    def numbers(self, name: str, missing: float) -> NDArray[np.float64]:
        """Return a column of numbers, (n,); an empty field counts as `missing`. Raises `Invalid`."""
        return self._converted(name, lambda text: _number(text) if text else missing, "float64", "a number")

    def flags(self, name: str) -> NDArray[np.float64]:
        """Return a column of yes and no as 1 and 0, (n,)."""
        return self._converted(name, lambda text: float(text.lower() in YES), "float64", "yes or no")

    def _converted(self, name: str, convert: Callable[[str], Any], kind: str, what: str) -> NDArray[Any]:
        """Convert each distinct text once; raises `Invalid` with the line of the first that cannot be."""
        texts, codes = self.codes(name)
        values = np.zeros(len(texts), dtype=kind)
        for place, text in enumerate(texts):
            try:
                values[place] = convert(text.strip())
            except ValueError as error:
                line = HEADING_AND_FIRST + int(np.argmax(codes == place))
                shown = f"{text[:MOST_SHOWN]!r} in the column {name} is not {what}"
                raise Invalid(f"{self._name}, line {line}: {shown}.") from error
        return values[codes]

    def _refuse_doubles(self, names: Sequence[str]) -> None:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Invalid(f"{self._name} has more than one column {twice[0]}.")


def _day(text: str) -> dt.date:
    if text[10:11] not in ("", " ", "T"):
        raise ValueError(text)
    return dt.date.fromisoformat(text[:10])


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value

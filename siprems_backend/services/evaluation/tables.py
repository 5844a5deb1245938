"""Columns of a CSV file, plain or compressed, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_backend.errors import Invalid

YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})


class Table:
    """A file's columns, as text until a use asks for something else; every message names the file."""

    def __init__(self, path: Path) -> None:
        # pyarrow reads 300,000 rows in a tenth of a second; only commands and workers need it.
        import pyarrow as arrow
        from pyarrow import csv

        self._name = path.name
        everything_text = csv.ConvertOptions(strings_can_be_null=False, null_values=[])
        try:
            names = csv.open_csv(path, read_options=csv.ReadOptions(block_size=1 << 20)).schema.names
            everything_text.column_types = {name: arrow.string() for name in names}
            self._table = csv.read_csv(path, convert_options=everything_text)
        except (OSError, ValueError) as error:
            raise Invalid(f"{self._name} cannot be read as CSV: {error}.") from error

    def __len__(self) -> int:
        """Number of rows."""
        return int(self._table.num_rows)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self._table.column_names

    def first_of(self, names: Sequence[str]) -> str:
        """Return the first of the names that is a column; raises `Invalid`."""
        found = [name for name in names if self.has(name)]
        if not found:
            raise Invalid(f"{self._name} needs a column {' or '.join(names)}.")
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
        texts, codes = self.codes(name)
        return self._parsed(name, [text.strip()[:10] for text in texts], "datetime64[D]", "a date")[codes]

    def numbers(self, name: str, missing: float) -> NDArray[np.float64]:
        """Return a column of numbers, (n,); an empty field counts as `missing`. Raises `Invalid`."""
        texts, codes = self.codes(name)
        filled = [text.strip() or str(missing) for text in texts]
        return self._parsed(name, filled, "float64", "a number")[codes]

    def flags(self, name: str) -> NDArray[np.float64]:
        """Return a column of yes and no as 1 and 0, (n,)."""
        texts, codes = self.codes(name)
        return np.array([float(text.strip().lower() in YES) for text in texts], dtype=np.float64)[codes]

    def _parsed(self, name: str, texts: list[str], kind: str, what: str) -> NDArray[Any]:
        try:
            return np.array(texts, dtype=kind)
        except ValueError as error:
            raise Invalid(f"{self._name}: a value of the column {name} is not {what}: {error}.") from error

"""Types of columns of text: the narrowest that every cell allows, and text where there is none.

Numbers with leading zeros (`007`) are codes, and stay text.
"""

from __future__ import annotations

from typing import Any

# Cells that stand for nothing in a column of numbers, dates or truth values; in a column of text only an
# empty cell does, because `NA` is also the code of a country.
NOTHING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None")
FEW = 100
CODE = r"^[+-]?0[0-9xX]"


def ladder() -> list[Any]:
    """Types to try, the most welcome first."""
    import pyarrow as pa  # Only workers load it.

    return [
        pa.int64(),
        pa.float64(),
        pa.bool_(),
        pa.date32(),
        pa.timestamp("us"),
        pa.timestamp("us", tz="UTC"),
    ]


class TypeFinder:
    """Finds the types of columns, batch by batch."""

    def __init__(self, width: int, decimal_comma: bool) -> None:
        self._possible = [ladder() for _ in range(width)]
        self._seen = [False] * width
        self._decimal_comma = decimal_comma

    def see(self, batch: Any) -> None:
        """Take a batch of text columns into account."""
        for place, column in enumerate(batch.columns):
            if not self._possible[place]:
                continue
            cells = _cleaned(column)
            if cells.null_count < len(cells):
                self._seen[place] = True
                self._possible[place] = self._still_possible(cells, self._possible[place])

    def types(self) -> list[Any]:
        """A type for each column; text for one without a single value."""
        import pyarrow as pa  # Only workers load it.

        return [
            possible[0] if seen and possible else pa.string()
            for possible, seen in zip(self._possible, self._seen, strict=True)
        ]

    def _still_possible(self, cells: Any, possible: list[Any]) -> list[Any]:
        import pyarrow as pa  # Only workers load it.
        import pyarrow.compute as pc

        numbers = {pa.int64(), pa.float64()}
        if numbers & set(possible) and pc.any(pc.match_substring_regex(cells, CODE)).as_py():
            possible = [kind for kind in possible if kind not in numbers]
        return [kind for kind in possible if _fits(cells, kind, self._decimal_comma)]


def converted(column: Any, kind: Any, decimal_comma: bool) -> Any:
    """A column of text as values of a type that `TypeFinder` found for it."""
    import pyarrow as pa  # Only workers load it.
    import pyarrow.compute as pc

    if pa.types.is_string(kind):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return _cast(_cleaned(column), kind, decimal_comma)


def _cleaned(column: Any) -> Any:
    """Cells without blanks at their ends, and none where nothing is meant."""
    import pyarrow as pa  # Only workers load it.
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(cells, pa.array(NOTHING)), pa.scalar(None, pa.string()), cells)


def _fits(cells: Any, kind: Any, decimal_comma: bool) -> bool:
    """Whether all cells can be values of the type.

    Arrow goes on after the first cell that cannot, and takes a hundred times as long for each of those: most
    types are ruled out by a few cells.
    """
    return all(_can_cast(part, kind, decimal_comma) for part in (cells[:FEW], cells))


def _can_cast(cells: Any, kind: Any, decimal_comma: bool) -> bool:
    import pyarrow as pa  # Only workers load it.

    try:
        _cast(cells, kind, decimal_comma)
    except pa.ArrowInvalid:
        return False
    return True


def _cast(cells: Any, kind: Any, decimal_comma: bool) -> Any:
    import pyarrow as pa  # Only workers load it.
    import pyarrow.compute as pc

    if decimal_comma and pa.types.is_floating(kind):
        cells = pc.replace_substring(cells, ",", ".")
    return pc.cast(cells, kind)

"""What is wrong with several fields, in one line for a reader."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_SHOWN = 5


def one_line(problems: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Join (field, sentences) pairs as `json.days: Not a valid integer; json.engine: ...`; "" of none."""
    shown = [f"{field}: {' '.join(said)}".removesuffix(".") for field, said in islice(problems, MOST_SHOWN)]
    return f"{'; '.join(shown)}." if shown else ""

"""Messages to the person at the terminal."""

import contextlib
import sys


def say(message: str = "") -> None:
    """Print a line; a terminal that was closed is no reason to stop working."""
    with contextlib.suppress(OSError, ValueError):
        print(message, flush=True)


def warn(message: str) -> None:
    """Print a line to standard error."""
    with contextlib.suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows of texts in aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

"""Values of tables as people read them."""

from __future__ import annotations

from typing import Any

from siprems_backend.dashboard.language import amount, say


def word(value: Any) -> str:
    """A number as the reader writes it, yes or no, a dash for nothing, and texts as they are."""
    if isinstance(value, bool):
        return say("form.yes") if value else say("form.no")
    return amount(value) if value is None or isinstance(value, int | float) else str(value)

"""Why a line says what it says: the service's sentence, or the same in another language of the reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from siprems_backend.dashboard.language import amount, current_language, day, known, say


def why(line: Any, today: dt.date) -> str:
    """One sentence that a shopkeeper understands."""
    key = f"plan.why.{line.reason_key}"
    if current_language() == "en" or not known(key):
        return str(line.reason)
    values: Mapping[str, Any] = line.reason_values
    words = {name: _word(value, today) for name, value in values.items()}
    words["there"] = say(f"plan.there.{_there(values)}", **_only(words, "stock", "coming"))
    limit = f"plan.limit.{line.limited_by}"
    words["limit"] = say(limit, **_only(words, "pack")) if known(limit) else ""
    words["late"] = say("plan.too_late", late=words["late"]) if values.get("late") else ""
    return say(key, **words)


def _only(words: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: words.get(name, "") for name in names}


def _there(values: Mapping[str, Any]) -> str:
    if not values.get("coming"):
        return "stock"
    return "both" if values.get("stock") else "coming"


def _word(value: Any, today: dt.date) -> str:
    if isinstance(value, str):
        date = dt.date.fromisoformat(value)
        near = {0: "plan.today", 1: "plan.tomorrow"}.get((date - today).days)
        return say(near) if near else day(date)
    return amount(value if value < 10 else round(value))

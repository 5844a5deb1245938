"""The catalogue of messages: one file a page and language, `language/<code>/<page>.json`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import orjson

from siprems_backend.dashboard.language.choice import current_language
from siprems_backend.dashboard.language.formats import amount

FOLDER = Path(__file__).parent
SINGULAR, PLURAL = ".one", ".other"


def say(key: str, **values: object) -> str:
    """The message in the reader's language, with `{values}` filled in.

    With `count` given, `key.one` or `key.other` is taken if there are such; numbers are written as the
    reader writes them.

    Raises:
        KeyError: no such message; a test looks for all that the source asks for.
    """
    messages = catalogue(current_language())
    if key not in messages and "count" in values:
        key += SINGULAR if values["count"] == 1 else PLURAL
    written = {name: amount(value) if _is_number(value) else value for name, value in values.items()}
    return messages[key].format(**written) if written else messages[key]


def known(key: str) -> bool:
    """Whether there is such a message."""
    return key in catalogue("en")


@lru_cache(maxsize=8)
def catalogue(language: str) -> dict[str, str]:
    """All messages of a language; files hold nested objects, keys join their names by dots."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.json")):
        _flatten("", orjson.loads(file.read_bytes()), found)
    return found


def _flatten(prefix: str, value: object, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(f"{prefix}.{name}" if prefix else name, inner, found)
    else:
        found[prefix] = str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

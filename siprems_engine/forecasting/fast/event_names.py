"""The names of events as the model file keeps them, without loading pandas for ordinary names."""

from __future__ import annotations

import functools
import re

from siprems_engine.forecasting import prophet_stan

# Words of four letters and more that pandas can read as a value, a date or a part of one.
_VALUE_WORDS = frozenset(
    {
        *("january", "february", "march", "april", "june", "july", "august", "september", "sept"),
        *("october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday"),
        *("saturday", "sunday", "thurs", "tues", "hour", "hours", "minute", "minutes", "second", "seconds"),
        *("today", "infinity", "true", "false", "none", "null"),
    }
)
_ORDINARY = re.compile(r"[^\W_]+(?:[ '-][^\W_]+)*")
# A word of letters that touches no digit.
_WORD = re.compile(r"(?<!\w)[^\W\d_]{4,}(?!\w)")
# Behind a time of day any capitals up to this many are taken for a time zone.
_ZONE_LENGTH = 5


@functools.lru_cache(maxsize=4096)
def event_name(name: str) -> str:
    """Make any event name one that Prophet accepts; the answer is that of `prophet_stan.event_name`.

    Whether a name reads as a date is for pandas to say. But letters, digits and single spaces with a word
    that no calendar knows are certainly a name; for those a worker does not load pandas.
    """
    return name if _is_ordinary(name) else prophet_stan.event_name(name)


def _is_ordinary(name: str) -> bool:
    if not _ORDINARY.fullmatch(name) or name in prophet_stan.RESERVED:
        return False
    return any(_is_unknown(word) for word in _WORD.findall(name))


def _is_unknown(word: str) -> bool:
    """Whether no calendar and no number has this word of letters."""
    return word.lower() not in _VALUE_WORDS and not (word.isupper() and len(word) <= _ZONE_LENGTH)

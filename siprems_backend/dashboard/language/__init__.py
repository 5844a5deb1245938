"""Words, numbers and dates in the language of whoever looks at the page."""

from siprems_backend.dashboard.language.choice import LANGUAGES, current_language
from siprems_backend.dashboard.language.formats import (
    amount,
    counted,
    date_words,
    day,
    duration,
    moment,
    money,
    percent,
    size,
    time_ago,
    unit_of,
)
from siprems_backend.dashboard.language.messages import known, say

__all__ = [
    "LANGUAGES",
    "amount",
    "counted",
    "current_language",
    "date_words",
    "day",
    "duration",
    "known",
    "moment",
    "money",
    "percent",
    "say",
    "size",
    "time_ago",
    "unit_of",
]

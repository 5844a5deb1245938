"""What the clocks of a time zone show, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def moments(shown: datetime, zone: ZoneInfo, *, every: bool) -> list[datetime]:
    """When clocks show this (naive) time, in UTC.

    With `every` all such moments: none if the clocks skip it, two if they show it twice. Otherwise exactly
    one: the first, or for a skipped time the moment when the clocks are put forward.
    """
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        return [] if every else [_put_forward(second, first, zone)]
    return [first, second] if every and second > first else [first]


def _put_forward(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the clocks change, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after

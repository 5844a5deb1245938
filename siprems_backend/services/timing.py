"""When something regular happens: by a cron text in a time zone, or every so many seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from siprems_backend.utils import clocks

LONGEST_CRON = 100
FIELDS = ("minute", "hour", "day of month", "month", "day of week")
# No time zone sets its clocks back by more.
LONGEST_OVERLAP = timedelta(hours=3)
UTC_ZONE = ZoneInfo("UTC")


class Timing(Protocol):
    """A rule that gives slots: the moments at which something is to happen, all in UTC."""

    @property
    def text(self) -> str:
        """The rule, for people and as part of the slots' name."""

    def latest(self, now: datetime) -> datetime | None:
        """The last slot up to and including `now` (aware); None when there was none within 50 years."""

    def following(self, now: datetime) -> datetime | None:
        """The first slot after `now` (aware); None when there is none within 50 years."""


@dataclass(frozen=True)
class Every:
    """Slots at multiples of so many seconds since 1970, so that all processes agree on them."""

    seconds: int

    @property
    def text(self) -> str:
        """The rule, for people."""
        return f"every {self.seconds} s"

    def latest(self, now: datetime) -> datetime:
        """The last slot up to and including `now`."""
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)

    def following(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        return self.latest(now) + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Cron:
    """Slots of a cron text of five fields, on the clocks of a time zone.

    As in Debian's cron: a fixed time that the clocks skip happens when they have been put forward, one that
    they show twice happens the first time. With a `*` in front of the minute or the hour real time counts:
    what is skipped does not happen, what comes twice does twice.
    """

    cron: str
    zone: ZoneInfo = UTC_ZONE

    @property
    def text(self) -> str:
        """The rule, for people."""
        return f"{self.cron} {self.zone.key}"

    def latest(self, now: datetime) -> datetime | None:
        """The last slot up to and including `now`; None when there was none within 50 years."""
        return self._nearest(now, -1)

    def following(self, now: datetime) -> datetime | None:
        """The first slot after `now`; None when there is none within 50 years."""
        return self._nearest(now, 1)

    def _nearest(self, now: datetime, direction: int) -> datetime | None:
        """The nearest slot in a direction. Where clocks change, their times are not in the order of slots."""
        shown, window = self._shown(now), self._window(now)
        found: list[datetime] = []
        for time in self._times(shown - direction * window, direction):
            if found and (time - shown) * direction > window:
                break
            slots = clocks.moments(time, self.zone, every=self._in_real_time)
            found += [slot for slot in slots if (slot > now) == (direction > 0)]
            if found and not window:
                break
        return min(found, key=lambda slot: abs(slot - now), default=None)

    def _shown(self, now: datetime) -> datetime:
        return now.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def _window(self, now: datetime) -> timedelta:
        """How far around a change of clocks to look; nothing where there is none."""
        offsets = {
            (now + step).astimezone(self.zone).utcoffset() for step in (-LONGEST_OVERLAP, LONGEST_OVERLAP)
        }
        return LONGEST_OVERLAP if len(offsets) > 1 else timedelta()

    def _times(self, start: datetime, direction: int) -> Iterator[datetime]:
        """What clocks show at the slots, after `start`, or up to it and backwards.

        The library does not know of time zones here: where clocks change by half an hour it never returns.
        """
        first = start if direction > 0 else start + timedelta(seconds=1)
        return CronSim(self.cron, first, reverse=direction < 0)

    @property
    def _in_real_time(self) -> bool:
        minute, hour = self.cron.split()[:2]
        return minute.startswith("*") or hour.startswith("*")


def slots_after(timing: Timing, moment: datetime) -> Iterator[datetime]:
    """All slots after a moment (aware), in order."""
    following = timing.following(moment)
    while following is not None:
        yield following
        following = timing.following(following)


def parse_cron(text: str, now: datetime) -> str:
    """The cron text with single blanks and capital names, if it can be followed.

    Raises:
        ValueError: saying what is wrong with it.
    """
    parts = text.upper().split()
    if text.strip().startswith("@") or len(parts) != len(FIELDS):
        raise ValueError(
            f"Must have five fields ({', '.join(FIELDS)}), such as '30 2 * * MON'; this has {len(parts)}."
        )
    for place, part in enumerate(parts):
        _check_field(place, part)
    cron = " ".join(parts)
    if len(cron) > LONGEST_CRON:
        raise ValueError(f"Must be at most {LONGEST_CRON} characters long; this has {len(cron)}.")
    if not _ever_comes(cron, now):
        raise ValueError("There is no such day: it would never run.")
    return cron


def _check_field(place: int, part: str) -> None:
    """Refuse a field that the library cannot read, by its name."""
    fields = ["*"] * len(FIELDS)
    fields[place] = part
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, AssertionError):
        raise ValueError(
            f"The {FIELDS[place]} '{part}' cannot be read; it may be *, a number, a list such as 1,15, "
            "a range such as 1-5 or a step such as */10."
        ) from None


def _ever_comes(cron: str, now: datetime) -> bool:
    try:
        return Cron(cron).following(now) is not None
    except CronSimError:
        return False

"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """Present time, aware, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Present date in UTC."""
    return now().date()


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a trailing Z; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

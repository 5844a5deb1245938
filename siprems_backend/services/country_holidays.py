"""Public holidays of a country as events."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import events

LONGEST_NAME = 200
LONGEST_COUNTRY = 8


@dataclass(frozen=True)
class AddedHolidays:
    """What became of a country's holidays: `unchanged` ones were there already, under the same name."""

    country: str
    subdivision: str | None
    years: Sequence[int]
    created: int
    unchanged: int


def add(country: str, years: Sequence[int], subdivision: str | None = None) -> AddedHolidays:
    """Make an event of every public holiday of a country, and of a part of it, in these years.

    An event that is there already stays as it is: somebody may have changed it. Asking twice changes nothing.

    Args:
        country: ISO 3166 code of two or three letters, such as `DE` or `DEU`.
        years: four-digit years.
        subdivision: code of a state, province or canton, such as `SH`.

    Raises:
        Invalid: for an unknown country or subdivision, with those that are meant perhaps.
    """
    # The library takes tens of megabytes, which a process that is never asked for it need not spend.
    import holidays

    country = country.upper()
    known = holidays.list_supported_countries()
    if country not in known:
        raise _unknown("country", country, sorted(known), "an ISO 3166 code such as DE, FR or US")
    parts = sorted(known[country])
    if subdivision is not None and subdivision not in parts:
        raise _unknown(
            "subdivision", subdivision, parts, f"one of {', '.join(parts)}" if parts else "left out"
        )
    calendar = holidays.country_holidays(country, subdiv=subdivision, years=sorted(set(years)))
    rows = [
        {
            "name": name[:LONGEST_NAME],
            "date": day,
            "type": "holiday",
            "country": _place(calendar.country, subdivision),
        }
        for day in sorted(calendar)
        for name in dict.fromkeys(calendar.get_list(day))
    ]
    with database.transaction() as session:
        created = events.add_missing(session, rows)
    return AddedHolidays(calendar.country, subdivision, sorted(set(years)), created, len(rows) - created)


def _place(country: str, subdivision: str | None) -> str:
    """`DE-SH` where that fits the column, else `DE`."""
    place = f"{country}-{subdivision}" if subdivision else country
    return place if len(place) <= LONGEST_COUNTRY else country


def _unknown(field: str, value: str, known: Sequence[str], wanted: str) -> Invalid:
    near = difflib.get_close_matches(value, known, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    problem = f"Unknown {field} '{value}'; it must be {wanted}.{hint}"
    return Invalid(problem, code=f"unknown_{field}", fields={field: [problem]})

"""Events, from a file."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_backend.models import staged_catalogue, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection

COLUMNS = (
    Column("name", values.required_text(200), ("event_name", "event", "holiday"), required=True),
    Column("date", values.event_date, ("event_date", "day", "ds"), required=True),
    Column("type", values.text(40), ("event_type",)),
    Column("include_in_prediction", values.flag),
    Column("description", values.text(1000)),
    Column("country", values.text(8)),
)


class EventsLoader:
    """An event is its name and its date; the rest is taken over from the file."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""
        staged_catalogue.create(work.session, staged_catalogue.EVENTS, staged_catalogue.EVENT_COLUMNS)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there."""
        staging.copy(work.session, staged_catalogue.EVENTS, {"line": rows.lines, **rows.columns})
        return ()

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed events."""
        work.step("Comparing with known events")
        changes = staged_catalogue.compare(
            work.session, staged_catalogue.EVENTS, "name, date", staged_catalogue.EVENT_DIFFERENCES
        )
        counts.take(changes.distinct, changes.inserted, changes.updated)
        work.step("Writing events")
        staged_catalogue.merge(work.session, staged_catalogue.MERGE_EVENTS)

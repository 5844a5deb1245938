"""Suppliers, from a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from siprems_backend.models import plan_changes, staged_replenishment, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.services.imports.values import BadCell, Cell
from siprems_backend.services.replenishment.order_days import WEEKDAYS

LONGEST_LEAD_DAYS = 730
LONGEST_REVIEW_DAYS = 365
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def weekdays(cell: Cell) -> str | None:
    """Weekdays such as `Mon, Thu`, as an array of numbers from 0 for Monday, in PostgreSQL's words."""
    written = values.plain_text(cell).lower()
    if not written:
        return None
    found = set()
    for name in re.split(r"[\s,;/|+]+", written.strip(" ,;/|+")):
        matching = [place for place, day in enumerate(WEEKDAYS) if len(name) >= 2 and day.startswith(name)]
        if len(matching) != 1:
            raise BadCell("names no weekday like Mon or Thursday")
        found.add(matching[0])
    return "{" + ",".join(map(str, sorted(found))) + "}"


def address(cell: Cell) -> str | None:
    """An e-mail address; an empty cell is None."""
    written = values.text(254)(cell)
    if written is not None and not EMAIL.fullmatch(str(written)):
        raise BadCell("is no e-mail address")
    return None if written is None else str(written)


LEAD_TIME = ("lead_time", "lead_days", "delivery_days")
DEVIATION = ("lead_time_sd", "lead_time_std", "lead_time_deviation")
DELIVERY_COLUMNS = (
    Column("lead_time_days", values.amount_up_to(LONGEST_LEAD_DAYS), LEAD_TIME),
    Column("lead_time_sd_days", values.amount_up_to(LONGEST_LEAD_DAYS), DEVIATION),
    Column(
        "review_days",
        values.whole(1, LONGEST_REVIEW_DAYS),
        ("review_period", "review_period_days", "order_interval"),
    ),
    Column("ordering_cost", values.amount, ("order_cost", "cost_per_order")),
)
COLUMNS = (
    Column("name", values.required_text(200), ("supplier", "supplier_name", "vendor"), required=True),
    Column("contact", values.text(200), ("contact_person", "contact_name")),
    Column("email", address, ("e_mail", "mail")),
    Column("phone", values.text(60), ("telephone", "tel")),
    Column("note", values.text(1000), ("notes", "comment")),
    *DELIVERY_COLUMNS,
    Column("order_days", weekdays, ("order_weekdays", "weekdays")),
    Column("minimum_order_value", values.amount, ("min_order_value", "minimum_value")),
)


class SuppliersLoader:
    """New suppliers are added, known ones take over what the file says; a name's last row counts."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""
        staged_replenishment.create_suppliers(work.session)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there."""
        staging.copy(work.session, staged_replenishment.SUPPLIERS, {"line": rows.lines, **rows.columns})
        return ()

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed suppliers."""
        work.step("Writing suppliers")
        changes = staged_replenishment.merge_suppliers(work.session)
        counts.take(changes.distinct, changes.inserted, changes.updated)
        if changes.updated:
            plan_changes.of_all(work.session)

"""Doing an import: read, check, stage, merge, in one transaction of the database."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import TaskCancelled
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, imports
from siprems_backend.services.imports import report, storage
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.kinds import LOADERS, ImportKind, told_of_kinds
from siprems_backend.services.imports.loading import Loader, Work
from siprems_backend.services.imports.report import Counts, RejectedRows
from siprems_backend.services.imports.rows import RowChecker
from siprems_backend.services.imports.table import Table
from siprems_backend.services.imports.values import with_decimal_comma
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.task_registry import fence, interruption
from siprems_backend.utils import clock

# Reading the file is this part of the whole; the steps of the merge share the rest.
READING_PERCENT = 70
MERGE_STEPS = 5

OpenTable = Callable[[], AbstractContextManager[Table]]


def run(
    session: Session, record: imports.Import, open_table: OpenTable, move_stock: bool, on_progress: OnProgress
) -> dict[str, Any]:
    """Import a table in the caller's transaction and store the report in it; returns the report.

    Whatever raises (a refused file, a cancelled task, a lost connection) leaves nothing behind once the
    caller has rolled back: rows, report and list of rejected rows belong together.
    """
    started = time.perf_counter()
    loader = LOADERS[ImportKind(record.kind)]
    counts = Counts()
    work = Work(
        session=session,
        import_id=record.id,
        user_id=record.created_by,
        move_stock=move_stock,
        allow_negative_stock=get_settings().allow_negative_stock,
        on_progress=on_progress,
        step=_steps(on_progress),
    )
    with RejectedRows(storage.rejected_rows_path(record.id)) as rejected:
        with told_of_kinds(ImportKind(record.kind)), open_table() as table:
            _stage(loader, work, table, counts, rejected)
        with interruption.stoppable(session):
            imports.merge_alone(session)
            loader.merge(work, counts)
        document = report.completed(
            counts,
            rejected,
            ignored=table.layout.ignored,
            details=table.details,
            seconds=time.perf_counter() - started,
        )
        _close(session, record, document, counts)
        on_progress(100, 100, document["message"])
        # Last, because it holds the row that progress is written to.
        fence.require_lease(session)
    return document


def record_end_without_result(import_id: UUID, status: str, message: str, move_stock: bool) -> None:
    """Say in a transaction of its own that an import failed or was cancelled; it may be tried again.

    A worker that lost its task has nothing to say any more: the one that took it over has.
    """
    document = {"status": status, "message": message, "changed": False, "move_stock": move_stock}
    with contextlib.suppress(TaskCancelled), database.transaction() as session:
        fence.require_lease(session)
        imports.finish(session, import_id, document, clock.now())


def _stage(
    loader: Loader,
    work: Work,
    table: Table,
    counts: Counts,
    rejected: RejectedRows,
) -> None:
    checker = RowChecker(_columns(loader, table))
    loader.prepare(work)
    for chunk in table.chunks:
        checked = checker.check(chunk)
        rejected.add(checked.rejected)
        refused = loader.stage(work, checked) if checked.lines else ()
        rejected.add(refused)
        counts.accepted += len(checked.lines) - len(refused)
        counts.rejected = rejected.count
        counts.rows = counts.accepted + counts.rejected
        work.on_progress(int(READING_PERCENT * chunk.done), 100, f"{counts.rows:,} rows read")


def _columns(loader: Loader, table: Table) -> list[Column]:
    """The columns of the kind, reading numbers as this file writes them."""
    if not table.decimal_comma:
        return list(loader.columns)
    return [dataclasses.replace(column, parse=with_decimal_comma(column.parse)) for column in loader.columns]


def _steps(on_progress: OnProgress) -> Callable[[str], None]:
    """Progress of the merge, which cannot tell how far a single statement is."""
    taken = 0

    def step(message: str) -> None:
        nonlocal taken
        share = (100 - READING_PERCENT) * taken // MERGE_STEPS
        taken += 1
        on_progress(READING_PERCENT + share, 100, message)

    return step


def _close(session: Session, record: imports.Import, document: dict[str, Any], counts: Counts) -> None:
    imports.finish(session, record.id, document, clock.now())
    audit.record(
        session,
        "import",
        user_id=record.created_by,
        target=record.filename,
        details={"import_id": str(record.id), "kind": record.kind, **vars(counts)},
    )

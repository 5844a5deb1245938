"""Looking at imports, as much of them as the caller may see."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import imports
from siprems_backend.models.imports import Import
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import storage
from siprems_backend.services.imports.kinds import ImportKind
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role


def get(import_id: UUID, caller: Principal) -> Import:
    """One import.

    Raises:
        NotFound: no such import, or not the caller's; which of the two is not told.
    """
    with database.reading() as session:
        record = imports.by_id(session, import_id)
    if record is None or (record.created_by != caller.user_id and not caller.may(Role.OPERATOR)):
        raise NotFound(f"There is no import {import_id}.", code="import_not_found")
    return record


def listing(request: PageRequest, kind: ImportKind | None, caller: Principal) -> Page[Import]:
    """The caller's imports, or everybody's for an operator; the newest first."""
    user_id = None if caller.may(Role.OPERATOR) else caller.user_id
    with database.reading() as session:
        found, total = imports.page(
            session,
            user_id=user_id,
            kind=kind.value if kind else None,
            offset=request.offset,
            limit=request.page_size,
        )
    return Page(found, request.page, request.page_size, total)


def rejected_rows_file(import_id: UUID, caller: Principal) -> Path:
    """The CSV file of an import's rejected rows.

    Raises:
        NotFound: no such import, no rejected rows, or the file was cleaned up.
    """
    get(import_id, caller)
    path = storage.rejected_rows_path(import_id)
    if not path.is_file():
        raise NotFound(
            "This import has no list of rejected rows (none was rejected, or it is too long ago).",
            code="no_rejected_rows",
        )
    return path.resolve()

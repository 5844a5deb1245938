"""What Alembic notes of the schema, asked without it."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

VERSION = text("SELECT version_num FROM alembic_version")


def revision(session: Session) -> str | None:
    """Revision of the tables; None where nothing was migrated yet."""
    if session.scalar(select(func.to_regclass("alembic_version"))) is None:
        return None
    return session.scalar(VERSION)

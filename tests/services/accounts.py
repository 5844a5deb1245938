"""Accounts with passwords, and what a token of theirs stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import select

from siprems_backend.errors import ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models.audit import AuditEntry
from siprems_backend.models.users import User
from siprems_backend.services import authentication, users
from siprems_backend.services.identity import Principal
from siprems_backend.services.sessions import Grant
from siprems_backend.utils.roles import Role

PASSWORD = "correct horse"
Answer = TypeVar("Answer")


def make_account(email: str = "ann@example.com", role: Role = Role.VIEWER) -> User:
    """An account that can log in with PASSWORD."""
    return users.create(email, "Ann", PASSWORD, role)


def access_claims(grant: Grant) -> dict[str, Any]:
    """Claims of an access token of this grant."""
    return {"sub": str(grant.user_id), "jti": str(uuid4()), **grant.access_claims}


def refresh_claims(grant: Grant) -> dict[str, Any]:
    """Claims of its refresh token."""
    return {"sub": str(grant.user_id), **grant.refresh_claims}


def sign_in(email: str = "ann@example.com", password: str = PASSWORD) -> tuple[Principal, Grant]:
    """A new session: its caller, and its grant."""
    _, grant = authentication.login(email, password)
    return authentication.principal_of_token(access_claims(grant)), grant


def audited() -> list[tuple[str, str | None]]:
    """(action, target) of all audit rows, oldest first."""
    with database.reading() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.target).order_by(AuditEntry.id))
        return [(action, target) for action, target in rows]


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer | ServiceError]:
    """The answers, or refusals, of calls that all start at the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer | ServiceError:
        barrier.wait()
        try:
            return call()
        except ServiceError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))

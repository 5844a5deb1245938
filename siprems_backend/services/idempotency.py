"""The same request sent twice under one key is served once.

A key belongs to a user. Its claim is committed before the request is served, and its answer after: when the
server dies in between, the claim is taken over by the next attempt once it is old enough to be abandoned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from siprems_backend.errors import Conflict, Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import idempotency
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.utils import clock

ABANDONED_AFTER = timedelta(seconds=60)
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it was given: `text` is the body, `location` the header of that name, if any."""

    status: int
    text: str
    mimetype: str
    location: str | None = None


@dataclass(frozen=True)
class Claim:
    """The right to serve the request of a key; `answer` is set when it was served before."""

    user_id: int
    key: str
    claimed_at: datetime
    answer: Answer | None = None


def claim(user_id: int, key: str, request_hash: str) -> Claim:
    """Claim a key for a request.

    Raises:
        Invalid: for a malformed key (`invalid_idempotency_key`), and for one that was used with another
            request (`idempotency_key_reused`).
        Conflict: while the first request is still being served (`request_in_progress`).
    """
    require_acceptable(key)
    now = clock.now()
    with database.transaction() as session:
        claimed = idempotency.claim(
            session,
            user_id,
            key,
            request_hash,
            now=now,
            abandoned_before=now - ABANDONED_AFTER,
            forgotten_before=now - KEPT_FOR,
        )
        known = None if claimed else idempotency.find(session, user_id, key)
    if claimed:
        return Claim(user_id, key, now)
    return _answered(user_id, key, request_hash, known)


def _answered(user_id: int, key: str, request_hash: str, known: idempotency.IdempotentAnswer | None) -> Claim:
    if known is not None and known.request_hash != request_hash:
        raise Invalid(
            "This Idempotency-Key was used with another request; take a new key for every new request.",
            code="idempotency_key_reused",
        )
    # Not known at all: the first request has failed at this moment, so that the next attempt will be served.
    if known is None or known.status is None:
        raise Conflict(
            "The first request with this Idempotency-Key is still being served; ask again in a moment.",
            code="request_in_progress",
        )
    body: dict[str, str] = known.body or {}
    return Claim(user_id, key, known.created_at, Answer(known.status, **body))


def keep(claimed: Claim, answer: Answer) -> None:
    """Store the answer of a claimed request, for `KEPT_FOR`."""
    # The body is stored as text: byte for byte the same again, and no character of it can upset JSONB.
    body = {"text": answer.text, "mimetype": answer.mimetype, "location": answer.location}
    with database.transaction() as session:
        idempotency.answer(
            session, claimed.user_id, claimed.key, claimed.claimed_at, status=answer.status, body=body
        )


def release(claimed: Claim) -> None:
    """Free the key of a request that failed on our side, for another attempt at once."""
    with database.transaction() as session:
        idempotency.release(session, claimed.user_id, claimed.key, claimed.claimed_at)


def forget_old() -> int:
    """Delete keys older than `KEPT_FOR`; how many."""
    with database.transaction() as session:
        return idempotency.forget_before(session, clock.now() - KEPT_FOR)

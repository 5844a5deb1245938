"""What a user wants to hear of by e-mail, at the address of the account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import database
from siprems_backend.models import delivery_queries, subscription_queries
from siprems_backend.models.notifications import Subscription
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import choices, mail
from siprems_backend.services.notifications.names import Event
from siprems_backend.services.task_registry.kinds import TaskKind


@dataclass(frozen=True)
class EmailView:
    """The choice; nothing is sent unless e-mail is `available` on this server."""

    available: bool
    address: str
    events: list[str]
    kinds: list[str]
    active: bool
    failing_since: datetime | None = None
    stopped_at: datetime | None = None
    stopped_because: str | None = None


def get(principal: Principal) -> EmailView:
    """The caller's choice; nothing, if none was made."""
    with database.reading() as session:
        return _view(principal, subscription_queries.email_of(session, principal.user_id))


def put(principal: Principal, *, events: Sequence[Event], kinds: Sequence[TaskKind] = ()) -> EmailView:
    """Choose anew, which also switches a stopped one on again; without events nothing is sent any more.

    Raises:
        Invalid: kinds that nobody is told of.
        Conflict: there is no mail server.
    """
    if events and not mail.is_available():
        raise Conflict(
            "E-mail is not set up on this server; ask its operator to set SMTP_HOST.",
            code="email_unavailable",
        )
    values = {
        **choices.columns(events, kinds),
        "target": principal.email,
        "active": bool(events),
        "failing_since": None,
        "stopped_at": None,
        "stopped_because": None,
    }
    with database.transaction() as session:
        row = subscription_queries.put_email(session, principal.user_id, values)
        if not events:
            delivery_queries.fail_waiting(session, row.id, "E-mail was switched off.")
    return _view(principal, row)


def _view(principal: Principal, row: Subscription | None) -> EmailView:
    available = mail.is_available()
    if row is None:
        return EmailView(available, principal.email, [], [], active=False)
    return EmailView(
        available,
        row.target,
        row.events,
        row.kinds,
        row.active,
        row.failing_since,
        row.stopped_at,
        row.stopped_because,
    )

"""Webhooks as their owners and operators manage them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict, Forbidden, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, delivery_queries, subscription_queries, user_queries
from siprems_backend.models.notifications import Subscription
from siprems_backend.models.subscription_queries import WEBHOOK
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import choices, webhook_url
from siprems_backend.services.notifications.names import Event
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role

MOST_WEBHOOKS = 20
PREFIX = "whsec_"
RANDOM_BYTES = 32
SWITCHED_OFF = "The webhook was switched off."


@dataclass(frozen=True)
class WebhookView:
    """What may be seen of a webhook; `secret` only in the answer to its making and to its rotation."""

    id: int
    url: str
    description: str | None
    events: list[str]
    kinds: list[str]
    active: bool
    owner: str
    created_at: datetime
    failing_since: datetime | None
    stopped_at: datetime | None
    stopped_because: str | None
    secret: str | None = None


def create(
    principal: Principal,
    *,
    url: str,
    events: Sequence[Event],
    kinds: Sequence[TaskKind] = (),
    description: str | None = None,
) -> WebhookView:
    """Make a webhook of the caller. The answer has its secret, which is never shown again.

    Raises:
        Invalid: address or kinds cannot be used.
        Conflict: the caller has too many.
    """
    secret = _new_secret()
    row = Subscription(
        owner_id=principal.user_id,
        channel=WEBHOOK,
        target=_checked(url),
        secret=secret,
        description=description,
        **choices.columns(events, kinds),
    )
    with database.transaction() as session:
        # Held, so that two requests at once do not both find room for one more.
        user_queries.by_id(session, principal.user_id, lock=True)
        if subscription_queries.count_webhooks(session, principal.user_id) >= MOST_WEBHOOKS:
            raise Conflict(f"You have {MOST_WEBHOOKS} webhooks; delete one first.", code="too_many_webhooks")
        subscription_queries.add(session, row)
        _record(session, "webhook.created", principal, row)
    return _view(row, principal.email, secret)


def page(principal: Principal, request: PageRequest, *, of_everybody: bool = False) -> Page[WebhookView]:
    """The caller's webhooks, the newest first; of all users for an operator who asks.

    Raises:
        Forbidden: somebody else asks for all.
    """
    if of_everybody and not principal.may(Role.OPERATOR):
        raise Forbidden("Only operators see the webhooks of others.", code="role_too_low")
    with database.reading() as session:
        owner_id = None if of_everybody else principal.user_id
        found = subscription_queries.webhooks(session, request, owner_id)
    return Page([_view(*item) for item in found.items], found.page, found.page_size, found.total)


def get(principal: Principal, webhook_id: int) -> WebhookView:
    """A webhook of the caller, or anybody's for operators.

    Raises:
        NotFound: there is none that the caller may see.
    """
    with database.reading() as session:
        return _view(*visible(session, principal, webhook_id))


def change(principal: Principal, webhook_id: int, **changes: Any) -> WebhookView:
    """Change what is given: url, events, kinds, description, active. Operators may switch off any.

    Raises:
        NotFound: there is none that the caller may see.
        Forbidden: it is somebody else's, and this would do more than switch it off.
        Invalid: address or kinds cannot be used.
    """
    chosen = choices.columns(changes.pop("events", None), changes.pop("kinds", None))
    if "url" in changes:
        chosen["target"] = _checked(changes.pop("url"))
    chosen.update(changes)
    with database.transaction() as session:
        row, owner = visible(session, principal, webhook_id, lock=True)
        if chosen != {"active": False}:
            require_own(principal, row)
        _apply(session, row, chosen)
        _record(session, "webhook.changed", principal, row, sorted(chosen))
    return _view(row, owner)


def rotate_secret(principal: Principal, webhook_id: int) -> WebhookView:
    """Give a webhook of the caller a new secret; what is sent from now on is signed with it.

    Raises:
        NotFound: there is none that the caller may see.
        Forbidden: it is somebody else's.
    """
    secret = _new_secret()
    with database.transaction() as session:
        row, owner = visible(session, principal, webhook_id, lock=True)
        require_own(principal, row)
        row.secret = secret
        _record(session, "webhook.secret_rotated", principal, row)
    return _view(row, owner, secret)


def remove(principal: Principal, webhook_id: int) -> None:
    """Delete a webhook and its deliveries; operators may delete any.

    Raises:
        NotFound: there is none that the caller may see.
    """
    with database.transaction() as session:
        row, _ = visible(session, principal, webhook_id, lock=True)
        _record(session, "webhook.deleted", principal, row)
        subscription_queries.remove(session, row.id)


def visible(
    session: Session, principal: Principal, webhook_id: int, *, lock: bool = False
) -> tuple[Subscription, str]:
    """A webhook that the caller may see, and its owner's address.

    Raises:
        NotFound: there is none.
    """
    found = subscription_queries.webhook(session, webhook_id, lock=lock)
    if found is None or not (found[0].owner_id == principal.user_id or principal.may(Role.OPERATOR)):
        raise NotFound(f"No webhook with id {webhook_id}.", code="webhook_not_found")
    return found


def require_own(principal: Principal, row: Subscription) -> None:
    """Let operators look and switch off, and only owners do more: they know where it leads.

    Raises:
        Forbidden: the webhook is somebody else's.
    """
    if row.owner_id != principal.user_id:
        raise Forbidden("Only its owner may do that; operators may switch it off or delete it.")


def _apply(session: Session, row: Subscription, values: dict[str, Any]) -> None:
    active = values.get("active", row.active)
    if row.active and not active:
        delivery_queries.fail_waiting(session, row.id, SWITCHED_OFF)
    if active and not row.active:
        row.failing_since = row.stopped_at = row.stopped_because = None
    for name, value in values.items():
        setattr(row, name, value)


def _checked(url: str) -> str:
    settings = get_settings()
    try:
        webhook_url.parse(
            url, allow_http=settings.webhook_allow_http, allow_private=settings.webhook_allow_private
        )
    except ValueError as error:
        raise Invalid(f"url: {error}", fields={"url": [str(error)]}) from None
    return url


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def _record(
    session: Session, action: str, principal: Principal, row: Subscription, changed: Sequence[str] = ()
) -> None:
    # Never the address: many receivers carry their own secret in it.
    details = {"owner_id": row.owner_id, **({"changed": list(changed)} if changed else {})}
    audit.record(session, action, user_id=principal.user_id, target=f"webhook {row.id}", details=details)


def _view(row: Subscription, owner: str, secret: str | None = None) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.target,
        description=row.description,
        events=row.events,
        kinds=row.kinds,
        active=row.active,
        owner=owner,
        created_at=row.created_at,
        failing_since=row.failing_since,
        stopped_at=row.stopped_at,
        stopped_because=row.stopped_because,
        secret=secret,
    )

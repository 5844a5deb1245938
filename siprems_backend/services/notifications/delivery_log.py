"""What was sent to a webhook and how it went; sending it again, and trying it out."""

from __future__ import annotations

from uuid import uuid4

from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import delivery_queries
from siprems_backend.models.delivery_queries import PENDING
from siprems_backend.models.notifications import Delivery, Subscription
from siprems_backend.services.identity import Principal
from siprems_backend.services.notifications import outbox, webhooks
from siprems_backend.services.notifications.names import TEST
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest


def page(
    principal: Principal, webhook_id: int, request: PageRequest, status: str | None = None
) -> Page[Delivery]:
    """Deliveries of a webhook (in one state), the newest first.

    Raises:
        NotFound: there is no webhook that the caller may see.
    """
    with database.reading() as session:
        webhooks.visible(session, principal, webhook_id)
        return delivery_queries.page(session, webhook_id, request, status)


def test(principal: Principal, webhook_id: int) -> Delivery:
    """Have a test message sent, once.

    Raises:
        NotFound: there is no webhook that the caller may see.
        Forbidden: it is somebody else's.
        Conflict: it is switched off, or a test waits already.
    """
    values = {
        "subscription_id": webhook_id,
        "event": TEST,
        "event_key": f"test:{uuid4()}",
        "payload": {"message": "This is a test."},
        "next_attempt_at": clock.now(),
    }
    with database.transaction() as session:
        row, _ = webhooks.visible(session, principal, webhook_id, lock=True)
        webhooks.require_own(principal, row)
        _require_active(row)
        if delivery_queries.waiting(session, webhook_id, TEST):
            raise Conflict("A test waits to be sent; look at the deliveries.", code="delivery_pending")
        delivery = delivery_queries.add(session, values)
    outbox.start_sweep()
    return delivery


def redeliver(principal: Principal, webhook_id: int, delivery_id: int) -> Delivery:
    """Have a message sent again, under the same id.

    Raises:
        NotFound: there is no such webhook or delivery that the caller may see.
        Forbidden: it is somebody else's.
        Conflict: the webhook is switched off, or the message waits to be sent.
    """
    with database.transaction() as session:
        row, _ = webhooks.visible(session, principal, webhook_id, lock=True)
        webhooks.require_own(principal, row)
        _require_active(row)
        delivery = delivery_queries.by_id(session, webhook_id, delivery_id)
        if delivery is None:
            raise NotFound(f"No delivery with id {delivery_id}.", code="delivery_not_found")
        if delivery.status == PENDING:
            raise Conflict("It waits to be sent.", code="delivery_pending")
        delivery.status, delivery.attempts = PENDING, 0
        delivery.next_attempt_at, delivery.delivered_at = clock.now(), None
    outbox.start_sweep()
    return delivery


def _require_active(row: Subscription) -> None:
    if not row.active:
        raise Conflict("The webhook is switched off; switch it on first.", code="webhook_inactive")

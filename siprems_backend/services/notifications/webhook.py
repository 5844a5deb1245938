"""Calling a webhook: one signed POST."""

from __future__ import annotations

import hashlib
import hmac
import time

import orjson

from siprems_backend.config import get_settings
from siprems_backend.models.delivery_queries import Due
from siprems_backend.services.notifications import addresses, pinned_connection, webhook_url
from siprems_backend.services.notifications.addresses import Resolver
from siprems_backend.services.notifications.problems import Undeliverable
from siprems_backend.utils import clock

# For everything from the look-up of the name to the head of the answer.
SECONDS = 10.0


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body` under the webhook's secret, as the receiver must compute it."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def send(due: Due, *, resolve: Resolver | None = None) -> int:
    """Deliver to a webhook; the status of the answer, 2xx.

    Raises:
        Undeliverable: it was not taken.
    """
    began, settings = time.monotonic(), get_settings()
    allow_private = settings.webhook_allow_private
    try:
        target = webhook_url.parse(
            due.target, allow_http=settings.webhook_allow_http, allow_private=allow_private
        )
    except ValueError as error:
        raise Undeliverable(f"The webhook's address cannot be used any more. {error}") from None
    found = addresses.checked(
        target.host, target.port, allow_private=allow_private, seconds=SECONDS, resolve=resolve
    )
    body = document(due)
    left = SECONDS - (time.monotonic() - began)
    status = pinned_connection.post(target, found, body, _headers(due, body), seconds=left)
    if not 200 <= status < 300:
        followed = "; redirects are not followed" if 300 <= status < 400 else ""
        raise Undeliverable(f"The receiver answered {status}{followed}.", status)
    return status


def document(due: Due) -> bytes:
    """The body, the same at every attempt."""
    head = {"event": due.event, "delivery_id": due.id, "created_at": clock.iso(due.created_at)}
    return orjson.dumps({**head, **due.payload})


def _headers(due: Due, body: bytes) -> dict[str, str]:
    timestamp = str(int(clock.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "SIPREMS-Webhooks/1",
        "X-Siprems-Event": due.event,
        "X-Siprems-Delivery": str(due.id),
        "X-Siprems-Timestamp": timestamp,
        "X-Siprems-Signature": signature(due.secret or "", timestamp, body),
    }

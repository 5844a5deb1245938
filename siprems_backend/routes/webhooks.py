"""Webhooks: programs of users that are called when tasks have ended."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.webhooks import (
    DeliveryPageSchema,
    DeliveryQuery,
    DeliverySchema,
    WebhookBody,
    WebhookChange,
    WebhookPageSchema,
    WebhookQuery,
    WebhookSchema,
    WebhookWithSecretSchema,
)
from siprems_backend.services.notifications import delivery_log, webhooks
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

PREFIX = "/webhooks"
LARGEST_ID = 2**63 - 1
ONE = f"/<int(max={LARGEST_ID}):webhook_id>"
ONE_DELIVERY = f"{ONE}/deliveries/<int(max={LARGEST_ID}):delivery_id>"
NOT_FOUND = "`webhook_not_found`"
NOT_NOW = "It is switched off (`webhook_inactive`), or the message waits to be sent (`delivery_pending`)"
blueprint = Blueprint(
    "webhooks",
    __name__,
    description="Calls to your programs when tasks have ended. Operators see all and may switch them off.",
)
protect(blueprint, Role.ANALYST)


@blueprint.get("")
@blueprint.arguments(WebhookQuery, location="query")
@blueprint.response(200, WebhookPageSchema)
def list_webhooks(query: dict[str, Any]) -> Any:
    """List your webhooks, the newest first."""
    page = PageRequest(query["page"], query["page_size"])
    return webhooks.page(current_principal(), page, of_everybody=query["all"])


# Not repeated under an idempotency key, because the answer with the secret would have to be kept for that.
@blueprint.post("")
@blueprint.arguments(WebhookBody)
@blueprint.response(201, WebhookWithSecretSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description="`too_many_webhooks`")
def create_webhook(body: dict[str, Any]) -> Any:
    """Make a webhook. The answer shows its secret for the only time."""
    return webhooks.create(current_principal(), **body)


@blueprint.get(ONE)
@blueprint.response(200, WebhookSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def get_webhook(webhook_id: int) -> Any:
    """One webhook."""
    return webhooks.get(current_principal(), webhook_id)


@blueprint.patch(ONE)
@blueprint.arguments(WebhookChange)
@blueprint.response(200, WebhookSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def change_webhook(body: dict[str, Any], webhook_id: int) -> Any:
    """Change a webhook of yours, or switch it on again; operators may switch off anybody's."""
    return webhooks.change(current_principal(), webhook_id, **body)


@blueprint.delete(ONE)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def delete_webhook(webhook_id: int) -> None:
    """Delete a webhook and the list of what was sent to it."""
    webhooks.remove(current_principal(), webhook_id)


@blueprint.post(f"{ONE}/rotate-secret")
@blueprint.response(200, WebhookWithSecretSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def rotate_secret(webhook_id: int) -> Any:
    """Give a webhook a new secret, shown this once; what is sent from now on is signed with it."""
    return webhooks.rotate_secret(current_principal(), webhook_id)


@blueprint.post(f"{ONE}/test")
@idempotent
@blueprint.response(202, DeliverySchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
@blueprint.alt_response(409, schema=ErrorSchema, description=NOT_NOW)
def test_webhook(webhook_id: int) -> Any:
    """Have a test message (`webhook.test`) sent once; the deliveries show how it went."""
    return delivery_log.test(current_principal(), webhook_id)


@blueprint.get(f"{ONE}/deliveries")
@blueprint.arguments(DeliveryQuery, location="query")
@blueprint.response(200, DeliveryPageSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def list_deliveries(query: dict[str, Any], webhook_id: int) -> Any:
    """What was sent and how it went, the newest first."""
    return delivery_log.page(current_principal(), webhook_id, **query)


@blueprint.post(f"{ONE_DELIVERY}/redeliver")
@idempotent
@blueprint.response(202, DeliverySchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`webhook_not_found` or `delivery_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description=NOT_NOW)
def redeliver(webhook_id: int, delivery_id: int) -> Any:
    """Have a message sent again, under the same id."""
    return delivery_log.redeliver(current_principal(), webhook_id, delivery_id)

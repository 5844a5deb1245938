"""Webhooks and what was sent to them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Line, Moment, PageQuery
from siprems_backend.routes.schemas.notifications import SubscriptionSchema, chosen_events, chosen_kinds
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema

LONGEST_URL = 2000
LONGEST_DESCRIPTION = 200
STATUSES = ("pending", "delivered", "failed")


def _url(**kwargs: Any) -> fields.String:
    description = "Begins with https://; neither user name nor fragment, and no address that is not public"
    return fields.String(
        validate=validate.Length(1, LONGEST_URL),
        metadata={"description": description, "examples": ["https://hooks.example.com/siprems"]},
        **kwargs,
    )


class WebhookBody(ma.Schema):
    """A webhook to make."""

    url = _url(required=True)
    events = chosen_events(least=1)
    kinds = chosen_kinds()
    description = Line(LONGEST_DESCRIPTION, allow_none=True, load_default=None)


class WebhookChange(ma.Schema):
    """What to change."""

    url = _url()
    events = chosen_events(least=1)
    kinds = chosen_kinds()
    description = Line(LONGEST_DESCRIPTION, allow_none=True)
    active = fields.Boolean(metadata={"description": "What waits is given up when it is switched off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(partial=True, **kwargs)

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data:
            raise ma.ValidationError("Give at least one field to change.")


class WebhookSchema(SubscriptionSchema):
    """A webhook, without its secret."""

    id = fields.Integer()
    url = fields.String()
    description = fields.String(allow_none=True)
    owner = fields.String(metadata={"description": "E-mail address"})
    created_at = Moment()


class WebhookWithSecretSchema(WebhookSchema):
    """A webhook, this once with its secret."""

    secret = fields.String(
        metadata={"description": "Key of the signatures, for the receiver; it is never shown again"}
    )


class WebhookPageSchema(PageSchema):
    """One page of webhooks."""

    items = fields.List(fields.Nested(WebhookSchema), required=True)


class WebhookQuery(PageQuery):
    """Whose webhooks."""

    all = fields.Boolean(load_default=False, metadata={"description": "Of all users, for operators"})


class DeliverySchema(ma.Schema):
    """A message and how its sending went."""

    id = fields.Integer(metadata={"description": "The same at every attempt"})
    event = fields.String()
    task_id = fields.UUID(allow_none=True)
    status = fields.String(validate=validate.OneOf(STATUSES))
    attempts = fields.Integer()
    next_attempt_at = Moment(metadata={"description": "Of what is pending"})
    last_status = fields.Integer(
        allow_none=True, metadata={"description": "HTTP status of the last answer, if there was one"}
    )
    last_error = fields.String(allow_none=True)
    created_at = Moment()
    delivered_at = Moment(allow_none=True)
    payload = fields.Dict()


class DeliveryPageSchema(PageSchema):
    """One page of deliveries."""

    items = fields.List(fields.Nested(DeliverySchema), required=True)


class DeliveryQuery(PageQuerySchema):
    """Which deliveries."""

    status = fields.String(validate=validate.OneOf(STATUSES))

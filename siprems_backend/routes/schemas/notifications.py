"""What people and machines want to be told of."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Moment
from siprems_backend.services.notifications import KINDS, Event
from siprems_backend.services.task_registry.kinds import TaskKind

# Many times what there is to name; it only keeps absurd sizes away.
MOST_NAMES = 100


def chosen_events(*, least: int) -> fields.List:
    """Events to be told of, `least` of them or more."""
    return fields.List(
        fields.Enum(Event, by_value=True),
        required=True,
        validate=validate.Length(least, MOST_NAMES),
        metadata={"examples": [["training_run.failed", "task.failed"]]},
    )


def chosen_kinds() -> fields.List:
    """Kinds of tasks to be told of."""
    return fields.List(
        fields.Enum(TaskKind, by_value=True),
        load_default=(),
        validate=validate.Length(max=MOST_NAMES),
        metadata={"description": "Only of tasks of these kinds; of all if none is named"},
    )


class SubscriptionSchema(ma.Schema):
    """What a webhook and an e-mail subscription have in common."""

    events = fields.List(fields.String(validate=validate.OneOf(list(Event))))
    kinds = fields.List(fields.String(validate=validate.OneOf([kind.value for kind in KINDS])))
    active = fields.Boolean()
    failing_since = Moment(allow_none=True, metadata={"description": "Since when every attempt has failed"})
    stopped_at = Moment(
        allow_none=True,
        metadata={"description": "When it was switched off because nothing could be delivered"},
    )
    stopped_because = fields.String(allow_none=True)


class EmailChoice(ma.Schema):
    """What to be told of by e-mail; without events, nothing."""

    events = chosen_events(least=0)
    kinds = chosen_kinds()


class EmailSchema(SubscriptionSchema):
    """The choice, and whether this server can send e-mail at all."""

    available = fields.Boolean()
    address = fields.String(metadata={"description": "The account's own"})

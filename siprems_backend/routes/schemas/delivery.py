"""What callers may wish about the delivery of their tasks."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.limits import Between
from siprems_backend.services.task_registry.wishes import Wishes

LONGEST_WAIT_SECONDS = 7 * 24 * 3600


class WishesBody(ma.Schema):
    """How urgent a task is, and how long starting it makes sense; they arrive as `wishes`."""

    priority = fields.Integer(
        strict=True,
        validate=Between(0, 9),
        metadata={"description": "9 is the most urgent; above 7 for operators"},
    )
    expires_in_s = fields.Integer(
        strict=True,
        validate=Between(1, LONGEST_WAIT_SECONDS),
        metadata={"description": "Seconds after which a task that was not started is not needed any more"},
    )

    @ma.post_load
    def _together(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        wishes = Wishes(data.pop("priority", None), data.pop("expires_in_s", None))
        return {**data, "wishes": wishes}

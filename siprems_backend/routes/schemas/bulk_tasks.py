"""Bodies and answers of requests that speak of many tasks."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.fields import Moment, sku
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.services.bulk_tasks import MOST_TASKS, Order
from siprems_backend.services.task_registry import TaskFilter, TaskKind, states

KINDS = {"train": TaskKind.TRAIN_PRODUCT, "predict": TaskKind.PREDICT_STOCK}
DEFAULT_DAYS = 7


class OrderBody(ma.Schema):
    """One of the tasks."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    product_sku = sku(required=True)
    days = fields.Integer(
        strict=True,
        validate=Between(1, 365),
        metadata={"description": f"How far ahead to predict; {DEFAULT_DAYS} if not given"},
    )

    @ma.validates_schema
    def _days_are_for_predictions(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("kind") == "train" and "days" in data:
            raise ma.ValidationError("A training looks no days ahead.", "days")

    @ma.post_load
    def _order(self, data: dict[str, Any], **_kwargs: Any) -> Order:
        days = data.get("days", DEFAULT_DAYS) if data["kind"] == "predict" else None
        return Order(KINDS[data["kind"]], data["product_sku"], days)


class BulkBody(WishesBody):
    """The tasks."""

    tasks = fields.List(fields.Nested(OrderBody), required=True, validate=validate.Length(1, MOST_TASKS))


class BulkSubmittedSchema(SubmittedSchema):
    """Answer to a submit of many tasks: `task_id` is their parent."""

    task_ids = fields.List(fields.UUID(), metadata={"description": "In the order of the request"})
    children_url = fields.String()


class CancelFilter(ma.Schema):
    """Which of the unfinished tasks."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in TaskKind]))
    status = fields.String(validate=validate.OneOf(sorted(states.ACTIVE)))
    parent_id = fields.UUID()
    created_after = Moment()
    created_before = Moment()

    @ma.post_load
    def _filter(self, data: dict[str, Any], **_kwargs: Any) -> TaskFilter:
        return TaskFilter(
            kinds=[data["kind"]] if "kind" in data else None,
            statuses=[data["status"]] if "status" in data else None,
            parent_id=data.get("parent_id"),
            created_after=data.get("created_after"),
            created_before=data.get("created_before"),
        )


class CancelBody(ma.Schema):
    """Which tasks: named, or by a filter."""

    task_ids = fields.List(fields.UUID(), validate=validate.Length(1, MOST_TASKS))
    wanted = fields.Nested(CancelFilter, data_key="filter")

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("task_ids" in data) == ("wanted" in data):
            raise ma.ValidationError("Give either task_ids or filter.", "task_ids")


class CancelledTaskSchema(ma.Schema):
    """What became of one task."""

    task_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(["cancelled", "stopping", "finished", "not_found"]))


class CancelledTasksSchema(ma.Schema):
    """What became of each task."""

    total = fields.Integer()
    tasks = fields.List(fields.Nested(CancelledTaskSchema))

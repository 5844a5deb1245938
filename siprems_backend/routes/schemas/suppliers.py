"""Suppliers as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from siprems_backend.routes.schemas.fields import LARGEST_PRICE, Amount, Line, Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field
from siprems_backend.services.replenishment.order_days import WEEKDAYS

LONGEST_LEAD_DAYS = 730
LONGEST_REVIEW_DAYS = 365
LEAD = {"description": "Mean days from sending an order to its arrival"}
DEVIATION = {"description": "Standard deviation of that, in days; 0 where deliveries keep their day"}
REVIEW = {"description": "Days from one order to the next"}
ORDER_DAYS = {
    "description": "Weekdays on which orders are taken (every day where none is named); the next one is then "
    "the next review, whatever review_days says"
}
ORDERING_COST = {"description": "What one order line costs whatever its size"}


class DeliveryFieldsSchema(ma.Schema):
    """What is said of deliveries for suppliers as well as for products; null says nothing."""

    lead_time_days = Amount(0, LONGEST_LEAD_DAYS, allow_none=True, metadata=LEAD)
    lead_time_sd_days = Amount(0, LONGEST_LEAD_DAYS, allow_none=True, metadata=DEVIATION)
    review_days = ma.fields.Integer(
        strict=True, allow_none=True, validate=Between(1, LONGEST_REVIEW_DAYS), metadata=REVIEW
    )
    ordering_cost = Amount(0, LARGEST_PRICE, allow_none=True, metadata=ORDERING_COST)


class WeekdayNames(ma.fields.List):
    """Weekdays by their names; kept as numbers, Monday 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ma.fields.String(validate=ma.validate.OneOf(WEEKDAYS)), **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        names = None if value is None else [WEEKDAYS[day] for day in value]
        return super()._serialize(names, attr, obj, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        names = super()._deserialize(value, attr, data, **kwargs)
        return sorted({WEEKDAYS.index(name) for name in names})


class SupplierChangesSchema(DeliveryFieldsSchema):
    """What can be said of a supplier; null takes back what was said."""

    name = Line(200)
    contact = Line(200, allow_none=True)
    email = ma.fields.Email(allow_none=True, validate=ma.validate.Length(max=254))
    phone = Line(60, allow_none=True)
    note = Line(1000, allow_none=True)
    order_days = WeekdayNames(allow_none=True, metadata=ORDER_DAYS)
    minimum_order_value = Amount(
        0, LARGEST_PRICE, allow_none=True, metadata={"description": "Orders below it are not taken"}
    )
    is_active = ma.fields.Boolean(metadata={"description": "Whether it delivers; true by default"})


class NewSupplierSchema(SupplierChangesSchema):
    """A supplier to add."""

    name = Line(200, required=True)


class SupplierSchema(SupplierChangesSchema):
    """A supplier."""

    id = ma.fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class SupplierPageSchema(PageSchema):
    """One page of suppliers."""

    items = ma.fields.List(ma.fields.Nested(SupplierSchema), required=True)


class SupplierQuerySchema(PageQuerySchema):
    """Which suppliers are listed: those that match all filters."""

    search = Line(
        200,
        may_be_empty=True,
        metadata={"description": "Part of a name, contact or e-mail address, in any case"},
    )
    is_active = ma.fields.Boolean()
    sort = sort_field("name", "name", "created_at", "id")


class RemovedSupplierSchema(ma.Schema):
    """What became of a supplier that was to be deleted."""

    id = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["deleted", "deactivated"]))
    message = ma.fields.String(required=True)

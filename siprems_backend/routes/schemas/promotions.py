"""Planned promotions as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from siprems_backend.routes.schemas.events import FIRST_DAY, LAST_DAY
from siprems_backend.routes.schemas.fields import Line, Moment, sku
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import DateRangeSchema, PageQuerySchema, PageSchema, sort_field

WITHIN = Between(FIRST_DAY, LAST_DAY)
NAME = {"description": "`Promotion` by default; two plans of the same product and days differ by it"}


class PromotionChangesSchema(DateRangeSchema):
    """Other days or another name of a planned promotion."""

    date_from = ma.fields.Date(validate=WITHIN, metadata={"description": "First day"})
    date_to = ma.fields.Date(validate=WITHIN, metadata={"description": "Last day, which belongs to it"})
    name = Line(200, metadata=NAME)


class NewPromotionSchema(PromotionChangesSchema):
    """A promotion to plan: of one product (`sku`), or of all products of a `category`, now and later."""

    sku = sku(allow_none=True)
    category = Line(200, allow_none=True)
    date_from = ma.fields.Date(required=True, validate=WITHIN, metadata={"description": "First day"})
    date_to = ma.fields.Date(
        required=True, validate=WITHIN, metadata={"description": "Last day, which belongs to it"}
    )

    @ma.validates_schema
    def _one_target(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data.get("sku") is None) == (data.get("category") is None):
            raise ma.ValidationError("Give either sku or category.", "sku")


class PromotionSchema(ma.Schema):
    """A planned promotion."""

    id = ma.fields.Integer()
    sku = ma.fields.String(allow_none=True)
    category = ma.fields.String(allow_none=True)
    date_from = ma.fields.Date()
    date_to = ma.fields.Date()
    name = ma.fields.String()
    source = ma.fields.String(metadata={"description": "`api` or `import`"})
    created_by = ma.fields.Integer(allow_none=True)
    created_at = Moment()


class PromotionPageSchema(PageSchema):
    """One page of planned promotions."""

    items = ma.fields.List(ma.fields.Nested(PromotionSchema), required=True)


class PromotionQuerySchema(PageQuerySchema, DateRangeSchema):
    """Which plans are listed: those that match all filters, with any day between the two dates."""

    sku = sku()
    category = Line(200)
    search = Line(200, may_be_empty=True, metadata={"description": "Part of a name, in any case"})
    sort = sort_field("date_from", "date_from", "date_to", "name", "id")

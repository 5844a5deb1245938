"""What people made of proposals, as JSON."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.routes.schemas.fields import Moment, sku
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema


class OverrideQuerySchema(PageQuerySchema):
    """By product or by user, since when."""

    group_by = ma.fields.String(
        load_default="product", attribute="grouping", validate=ma.validate.OneOf(["product", "user"])
    )
    since = ma.fields.Date(metadata={"description": "Orders made on this day or later"})
    sku = sku()


class OverrideSchema(ma.Schema):
    """Proposals of a product, or decided by a user; ratios are of ordered to proposed units."""

    sku = ma.fields.String()
    name = ma.fields.String()
    user_id = ma.fields.Integer(allow_none=True)
    email = ma.fields.String(allow_none=True)
    proposals = ma.fields.Integer()
    changed = ma.fields.Integer()
    share_changed = ma.fields.Float()
    raised = ma.fields.Integer()
    lowered = ma.fields.Integer()
    declined = ma.fields.Integer(metadata={"description": "Lowered to nothing"})
    reasons = ma.fields.Integer(metadata={"description": "How often somebody said why"})
    mean_ratio = ma.fields.Float(allow_none=True)
    ratio_of_sums = ma.fields.Float(allow_none=True)
    mean_change = ma.fields.Float(
        allow_none=True, metadata={"description": "How far those that were changed went, in parts"}
    )
    last_at = Moment()
    hint = ma.fields.String(allow_none=True, metadata={"description": "What a habit suggests"})


class OverridePageSchema(PageSchema):
    """One page of summaries, those with most changes first."""

    items = ma.fields.List(ma.fields.Nested(OverrideSchema), required=True)

"""Forecasts of categories and of the shop as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Moment
from siprems_backend.routes.schemas.predict import ForecastPointSchema
from siprems_backend.services.group_forecasts.views import BOTTOM_UP


class GroupTotalSchema(ma.Schema):
    """What sells in all periods together."""

    predicted = fields.Float()
    quantiles = fields.Dict(
        fields.String(),
        fields.Float(),
        metadata={"description": "Units by the level of the quantile; good and bad days even out in part"},
    )


class GroupForecastSchema(ma.Schema):
    """The forecast of many products together."""

    method = fields.String(
        validate=validate.OneOf([BOTTOM_UP]),
        metadata={"description": "bottom-up: on every date the sum of the products' stored forecasts"},
    )
    step = fields.String(metadata={"description": "day, or week where each point is a whole week"})
    products = fields.Integer(metadata={"description": "Products that are added up"})
    products_without_forecast = fields.Integer(
        metadata={"description": "Products that are sold but have no stored forecast of these days"}
    )
    created_at = Moment(metadata={"description": "When the newest of these forecasts was made"})
    backtest = fields.Dict(
        fields.String(),
        fields.Float(allow_none=True),
        metadata={"description": "What such forecasts of the past were like: wape, bias, coverages, periods"},
    )
    total = fields.Nested(GroupTotalSchema)
    forecast = fields.List(fields.Nested(ForecastPointSchema))


class CategoryForecastSchema(GroupForecastSchema):
    """The forecast of a category."""

    category = fields.String(allow_none=True, metadata={"description": "null: products without a category"})


class ShareSchema(ma.Schema):
    """What a category contributes."""

    category = fields.String(allow_none=True, metadata={"description": "null: products without a category"})
    products = fields.Integer()
    predicted = fields.Float(metadata={"description": "Units in all periods together"})
    share = fields.Float(allow_none=True, metadata={"description": "Of the shop's, 0 to 1"})


class ShopForecastSchema(GroupForecastSchema):
    """The forecast of the whole shop."""

    categories = fields.List(
        fields.Nested(ShareSchema), metadata={"description": "The largest first, none last; they add up"}
    )

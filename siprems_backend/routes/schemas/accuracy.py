"""Figures of forecasts that were really made."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.classes import ClassesQuery, ClassesSchema
from siprems_backend.routes.schemas.fields import Line
from siprems_backend.routes.schemas.limits import Between

LONGEST_TIMELINE = 365


def _days() -> fields.Integer:
    return fields.Integer(
        load_default=28,
        validate=Between(1, LONGEST_TIMELINE),
        metadata={"description": "Days of the time line, up to the last that is over"},
    )


def _figure(description: str | None = None) -> fields.Float:
    metadata = {"description": description} if description else {}
    return fields.Float(allow_none=True, metadata=metadata)


class ProductQuery(ma.Schema):
    """How much of the time line is wanted."""

    days = _days()


class OverviewQuery(ClassesQuery):
    """Which products, and how much of them is wanted."""

    days = _days()
    limit = fields.Integer(
        load_default=20,
        validate=Between(1, 200),
        metadata={"description": "Products in each of the lists"},
    )
    category = Line(200)


class ShareFiguresSchema(ma.Schema):
    """Errors as shares of what sold, and how often intervals held."""

    wape = _figure("Units missed over units sold; null where nothing sold")
    bias = _figure("Units forecast too many over units sold; above 0 the forecast is too high")
    coverage80 = _figure("Share of periods within the 80 % interval")
    coverage95 = _figure("Share of periods within the 95 % interval")


class FiguresSchema(ShareFiguresSchema):
    """Figures of a product or several: by the newest forecast before each period."""

    units = fields.Float()
    mase = _figure("Mean error in multiples of the seasonal naive one before")
    pinball = _figure("Mean quantile loss in multiples of the one-step naive error before")


class ProductFiguresSchema(FiguresSchema):
    """Figures of one product."""

    since = fields.Date()
    as_of = fields.Date()
    periods = fields.Integer(metadata={"description": "Periods that were compared"})
    absolute_error = fields.Float(metadata={"description": "Units missed"})
    wape_ahead = _figure("The same over all forecasts, up to 14 days (8 weeks) ahead")
    bias_ahead = _figure()
    tracking_signal = _figure("Trigg's: -1 (always too high) to 1 (always too low)")
    cumulative_signal = _figure("Sum of errors over their mean absolute one")
    biased = fields.Boolean(metadata={"description": "Whether errors to one side are too many for chance"})


class DriftSchema(ma.Schema):
    """Whether the product left its forecast."""

    drifted = fields.Boolean()
    since = fields.Date(allow_none=True)
    statistic = _figure("Above 0 where more sold than was forecast")
    sales_are = fields.String(
        allow_none=True,
        validate=validate.OneOf(["above", "below"]),
        metadata={"description": "On which side of the forecast"},
    )


class AccuracyPointSchema(ma.Schema):
    """One day (or week) as it was forecast and as it came."""

    date = fields.Date()
    actual = _figure("Units sold; null where the day does not count")
    counts = fields.Boolean(metadata={"description": "Whether it tells of demand: the shop was open"})
    forecast = fields.Float()
    ahead = fields.Integer(metadata={"description": "How many periods before it the forecast was made"})
    median = fields.Float()
    lower_80 = fields.Float()
    upper_80 = fields.Float()
    lower_95 = fields.Float()
    upper_95 = fields.Float()
    tracking_signal = _figure()
    engine = fields.String()


class ProductAccuracySchema(ClassesSchema):
    """How good a product's forecasts were."""

    product_sku = fields.String()
    step = fields.String(metadata={"description": "day, or week where each point is a whole week"})
    engine = fields.String(allow_none=True, metadata={"description": "What made the newest of them"})
    figures = fields.Nested(ProductFiguresSchema, allow_none=True)
    drift = fields.Nested(DriftSchema, allow_none=True)
    note = fields.String(allow_none=True, metadata={"description": "Why there are no or few figures"})
    timeline = fields.List(fields.Nested(AccuracyPointSchema))


class GroupFiguresSchema(FiguresSchema):
    """Figures of several products: shares pooled, scaled errors as their mean."""

    products = fields.Integer()
    biased = fields.Integer(metadata={"description": "How many of them are biased"})
    drifted = fields.Integer(metadata={"description": "How many of them drift"})


class NamedGroupSchema(GroupFiguresSchema):
    """Figures of a category or a class; null for products without one."""

    name = fields.String(allow_none=True)


class ShopDaySchema(ShareFiguresSchema):
    """Figures of one day (or week) of the shop."""

    date = fields.Date()
    products = fields.Integer()
    units = fields.Float()


class ListedProductSchema(ClassesSchema):
    """A product to look at."""

    product_sku = fields.String(attribute="sku")
    product_name = fields.String(attribute="name")
    category = fields.String(allow_none=True)
    engine = fields.String(attribute="figures.engine")
    figures = fields.Nested(ProductFiguresSchema)
    drift = fields.Nested(DriftSchema)


class OverviewSchema(ma.Schema):
    """How good all forecasts were."""

    as_of = fields.Date(allow_none=True, metadata={"description": "The last day that counts"})
    step = fields.String()
    note = fields.String(allow_none=True, metadata={"description": "Why there are no figures"})
    shop = fields.Nested(GroupFiguresSchema)
    timeline = fields.List(fields.Nested(ShopDaySchema))
    by_category = fields.List(fields.Nested(NamedGroupSchema))
    by_demand_class = fields.List(fields.Nested(NamedGroupSchema))
    by_abc = fields.List(fields.Nested(NamedGroupSchema))
    by_xyz = fields.List(fields.Nested(NamedGroupSchema))
    worst = fields.List(fields.Nested(ListedProductSchema), metadata={"description": "Most units missed"})
    biased = fields.List(fields.Nested(ListedProductSchema))
    drifted = fields.List(fields.Nested(ListedProductSchema))

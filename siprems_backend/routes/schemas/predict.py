"""Bodies of predictions."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.fields import Line, Moment, sku

LONGEST_HORIZON = 365


class NoBody(ma.Schema):
    """An empty body, or none."""


def _days(**kwargs: Any) -> fields.Integer:
    return fields.Integer(load_default=7, strict=True, validate=validate.Range(1, LONGEST_HORIZON), **kwargs)


class PredictBody(ma.Schema):
    """Which product, and how far ahead."""

    product_sku = sku(required=True)
    days = _days()
    history_days = fields.Integer(load_default=90, strict=True, validate=validate.Range(0, 3660))


class PredictAsyncBody(WishesBody):
    """Which product, and how far ahead."""

    product_sku = sku(required=True)
    days = _days()


class BatchFilter(ma.Schema):
    """Which products."""

    category = Line(200)
    search = Line(200)


class PredictBatchBody(WishesBody):
    """Which products, named or by a filter, and how far ahead."""

    product_skus = fields.List(sku(), validate=validate.Length(1, 2000))
    filter = fields.Nested(BatchFilter)
    days = _days()

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("product_skus" in data) == ("filter" in data):
            raise ma.ValidationError("Give either product_skus or filter.", "product_skus")


class ForecastPointSchema(ma.Schema):
    """One day (or week) of a forecast."""

    date = fields.String()
    predicted = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)


class ChartPointSchema(ForecastPointSchema):
    """One day (or week) of a chart."""

    historical = fields.Float(allow_none=True)
    isHoliday = fields.Boolean()
    holidayName = fields.String(allow_none=True)


class RecommendationSchema(ma.Schema):
    """What to order."""

    productId = fields.Integer()
    sku = fields.String()
    productName = fields.String()
    currentStock = fields.Float()
    predictedDemand = fields.Float()
    recommendedRestock = fields.Float()
    urgency = fields.String(validate=validate.OneOf(["high", "medium", "low"]))


class ServingModelSchema(ma.Schema):
    """The model that answered."""

    trained_at = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)


class PredictionSchema(ma.Schema):
    """A forecast with the history before it."""

    product_sku = fields.String()
    chartData = fields.List(fields.Nested(ChartPointSchema))
    recommendations = fields.List(fields.Nested(RecommendationSchema))
    accuracy = fields.Float(allow_none=True, metadata={"description": "In-sample accuracy in percent"})
    backtest = fields.Raw(allow_none=True, metadata={"description": "Out-of-sample figures"})
    step = fields.String(metadata={"description": "day, or week where each point is a whole week"})
    engine = fields.String(metadata={"description": "Which forecaster answered"})
    engine_reason = fields.String()
    bounded = fields.Boolean(metadata={"description": "Whether the plausible ceiling cut the forecast"})
    model = fields.Nested(ServingModelSchema, allow_none=True)


class PredictionTaskSchema(ma.Schema):
    """How far a prediction is, and its result when it is done."""

    task_id = fields.UUID()
    status = fields.String()
    message = fields.String(allow_none=True)
    progress = fields.Raw(allow_none=True)
    result = fields.Raw()
    error = fields.Raw()


class StoredForecastSchema(ma.Schema):
    """The latest stored forecast of a product."""

    product_sku = fields.String()
    step = fields.String()
    engine = fields.String()
    created_at = Moment()
    forecast = fields.List(fields.Nested(ForecastPointSchema))


class ModelVersionSchema(ma.Schema):
    """One version of a product's model."""

    version = fields.Integer()
    is_active = fields.Boolean()
    engine = fields.String()
    served_by = fields.String()
    served_reason = fields.Function(lambda artifact: artifact.meta.get("served_reason"))
    backtest = fields.Function(lambda artifact: artifact.meta.get("backtest"))
    accuracy = fields.Float(allow_none=True)
    mae = fields.Float(allow_none=True)
    mape_percent = fields.Float(allow_none=True)
    training_samples = fields.Integer()
    size_bytes = fields.Integer()
    checksum = fields.String()
    trained_at = Moment()


class ModelVersionsSchema(ma.Schema):
    """All versions of a product's model, the newest first."""

    product_sku = fields.String()
    models = fields.List(fields.Nested(ModelVersionSchema))

"""Bodies of predictions."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.classes import ClassesQuery
from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.fields import Line, Moment, sku
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.replenishment import LineFieldsSchema
from siprems_backend.services.prediction_engines import AUTO, SERVED, problem_with

LONGEST_HORIZON = 365


class NoBody(ma.Schema):
    """An empty body, or none."""


def _days(**kwargs: Any) -> fields.Integer:
    return fields.Integer(load_default=7, strict=True, validate=Between(1, LONGEST_HORIZON), **kwargs)


def _known(engine: str) -> None:
    problem = problem_with(engine)
    if problem is not None:
        raise ma.ValidationError(problem)


def _engine(**kwargs: Any) -> fields.String:
    """Which engine answers; `auto` where nothing is said."""
    return fields.String(
        validate=_known,
        metadata={
            "enum": list(SERVED),
            "description": "auto, the best for each product, prophet, or a learned model that was trained",
        },
        **kwargs,
    )


def _quantiles() -> fields.Boolean:
    return fields.Boolean(
        load_default=False, metadata={"description": "Whether each day's quantiles are wanted as well"}
    )


class PredictBody(ma.Schema):
    """Which product, how far ahead, and by which engine."""

    product_sku = sku(required=True)
    days = _days()
    engine = _engine(load_default=AUTO)
    quantiles = _quantiles()
    history_days = fields.Integer(load_default=90, strict=True, validate=Between(0, 3660))


class PredictAsyncBody(WishesBody):
    """Which product, how far ahead, and by which engine."""

    product_sku = sku(required=True)
    days = _days()
    engine = _engine(load_default=AUTO)
    quantiles = _quantiles()


class BatchFilter(ClassesQuery):
    """Which products."""

    category = Line(200)
    search = Line(200)


class PredictBatchBody(WishesBody):
    """Which products, named or by a filter, and how far ahead."""

    product_skus = fields.List(sku(), validate=validate.Length(1, 2000))
    filter = fields.Nested(BatchFilter)
    days = _days()
    engine = _engine(load_default=AUTO)
    quantiles = _quantiles()

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("product_skus" in data) == ("filter" in data):
            raise ma.ValidationError("Give either product_skus or filter.", "product_skus")


def _by_level(description: str) -> fields.Dict:
    return fields.Dict(
        fields.String(), fields.Float(), allow_none=True, metadata={"description": description}
    )


class ForecastPointSchema(ma.Schema):
    """One day (or week) of a forecast."""

    date = fields.String()
    predicted = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    quantiles = _by_level("Units by the level of the quantile, 0.025 to 0.975, where asked for and known")


class ChartPointSchema(ForecastPointSchema):
    """One day (or week) of a chart."""

    historical = fields.Float(allow_none=True)
    isHoliday = fields.Boolean()
    holidayName = fields.String(allow_none=True)


class RecommendationSchema(LineFieldsSchema):
    """What to order: the line of the plan, whatever days are asked for."""

    demandQuantiles = _by_level("Quantiles of the demand of all these days together; null for prophet")


class ServingModelSchema(ma.Schema):
    """The product's own model."""

    trained_at = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)


class PredictionSchema(ma.Schema):
    """A forecast with the history before it."""

    product_sku = fields.String()
    chartData = fields.List(fields.Nested(ChartPointSchema))
    recommendations = fields.List(fields.Nested(RecommendationSchema))
    accuracy = fields.Float(
        allow_none=True, metadata={"description": "In-sample accuracy of the product's own model, in percent"}
    )
    backtest = fields.Raw(allow_none=True, metadata={"description": "Out-of-sample figures"})
    step = fields.String(metadata={"description": "day, or week where each point is a whole week"})
    engine = fields.String(metadata={"description": "Which forecaster answered"})
    engine_reason = fields.String()
    champion = fields.String(allow_none=True, metadata={"description": "The engine with the largest share"})
    shares = fields.Dict(
        fields.String(),
        fields.Float(),
        allow_none=True,
        metadata={"description": "How much of the forecast each engine behind auto made"},
    )
    made_at = fields.String(allow_none=True, metadata={"description": "When the shop was forecast"})
    continuation = fields.String(
        allow_none=True, metadata={"description": "How it goes on beyond the stored days, if asked that far"}
    )
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


class StoredForecastQuery(ma.Schema):
    """By which engine; without one `auto`, or `prophet` where that has none."""

    engine = _engine()


class StoredForecastSchema(ma.Schema):
    """The latest stored forecast of a product."""

    product_sku = fields.String()
    step = fields.String()
    engine = fields.String()
    champion = fields.String()
    engine_reason = fields.String()
    backtest = fields.Raw(allow_none=True)
    created_at = Moment()
    forecast = fields.List(fields.Nested(ForecastPointSchema))


class ComponentsSchema(ma.Schema):
    """What a product's forecast is made of; factors are on the level, null where nothing is known."""

    product_sku = fields.String()
    engine = fields.String()
    champion = fields.String()
    shares = fields.Dict(fields.String(), fields.Float())
    engine_reason = fields.String()
    step = fields.String()
    level = fields.Float(
        allow_none=True, metadata={"description": "Units per usual period now, without promotion"}
    )
    trend_percent = fields.Float(
        allow_none=True, metadata={"description": "How much the level has gained in the last eight weeks"}
    )
    weekday_factors = fields.Dict(fields.String(), fields.Float(allow_none=True), allow_none=True)
    season_factor = fields.Float(
        allow_none=True, metadata={"description": "How demand moved a year ago over the days ahead"}
    )
    promotion_factor = fields.Float(allow_none=True)
    event_factor = fields.Float(allow_none=True)
    made_at = Moment()


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

"""Bodies of trainings of learned models, and what is told of the models."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.fields import Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.services.learned_models.hyperparameters import MOST_LAYERS, TABLE, Hyperparameter
from siprems_backend.services.learned_models.types import LEARNED, TITLES


def _field(each: Hyperparameter) -> fields.Field:
    bounds = Between(each.lowest, each.highest)
    described = {"description": each.description}
    if each.layers:
        widths = fields.Integer(strict=True, validate=bounds)
        return fields.List(widths, validate=validate.Length(1, MOST_LAYERS), metadata=described)
    if each.whole:
        return fields.Integer(strict=True, validate=bounds, metadata=described)
    return fields.Float(validate=bounds, metadata=described)


HYPERPARAMETERS = {name: _field(each) for name, each in TABLE.items()}
# Those of every type; the service refuses what the type asked for has not.
TrainBody = WishesBody.from_dict(HYPERPARAMETERS, name="TrainBody")


class TrainParameters(ma.Schema):
    """Parameters of a schedule that trains a model."""

    model_type = fields.String(required=True, validate=validate.OneOf(list(TITLES)))
    hyperparameters = fields.Nested(ma.Schema.from_dict(HYPERPARAMETERS, name="Hyperparameters"))


class TrainSubmittedSchema(SubmittedSchema):
    """The task that trains."""

    model_type = fields.String()
    children_url = fields.String(metadata={"description": "Of all types: the task of each"})


class TrainedSchema(ma.Schema):
    """What a training came to."""

    success = fields.Boolean()
    status = fields.String(
        metadata={"description": "success, skipped (says why) or, of all types, completed"}
    )
    message = fields.String()
    model_type = fields.String()
    model_id = fields.Integer()
    version = fields.Integer()
    products = fields.Integer()
    metrics = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={
            "description": "train_r2, test_r2, train_rmse, test_rmse, final_loss and backtest; of all types, "
            "these by type"
        },
    )
    comparison = fields.List(
        fields.Dict(keys=fields.String()),
        metadata={"description": "Figures of this model and of other engines at the same cut-offs"},
    )
    models = fields.Dict(keys=fields.String(), metadata={"description": "Of all types: the outcome of each"})
    epochs = fields.Dict(keys=fields.String(), metadata={"description": "Those asked for, and the best"})
    loss_curve = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Float(allow_none=True)),
        allow_none=True,
        metadata={"description": "epoch, loss and validation_loss, at most 200 points"},
    )
    importances = fields.Dict(
        keys=fields.String(), values=fields.Float(), metadata={"description": "Shares by kind of column"}
    )
    training_rows = fields.Integer()
    gain = fields.Float(
        allow_none=True, metadata={"description": "Factor on the errors of auto with the model in it"}
    )
    joins_auto = fields.Boolean(metadata={"description": "Whether the gain is worth it"})
    forecasts = fields.Integer(metadata={"description": "Products that it has forecast"})
    seconds = fields.Float()
    timestamp = fields.String()


class ModelTypeSchema(ma.Schema):
    """A type of model."""

    model_type = fields.String()
    title = fields.String()
    available = fields.Boolean()
    reason = fields.String(allow_none=True, metadata={"description": "What is missing, and what to do"})
    parameters = fields.Dict(keys=fields.String(), metadata={"description": "JSON Schema of the body"})


class ModelTypesSchema(ma.Schema):
    """All types of models."""

    items = fields.List(fields.Nested(ModelTypeSchema))


class LearnedModelQuery(PageQuerySchema):
    """Which versions are listed."""

    model_type = fields.String(validate=validate.OneOf(LEARNED))


class LearnedModelSchema(ma.Schema):
    """One version of a learned model."""

    model_id = fields.Integer(attribute="id")
    model_type = fields.String()
    version = fields.Integer()
    is_active = fields.Boolean()
    products = fields.Integer()
    training_rows = fields.Integer()
    hyperparameters = fields.Dict(keys=fields.String())
    gain = fields.Float(allow_none=True)
    metrics = fields.Function(lambda model: model.report.get("metrics"), metadata={"type": "object"})
    checksum = fields.String(metadata={"description": "SHA-256 of the file"})
    size_bytes = fields.Integer()
    trained_at = Moment()
    task_id = fields.UUID(allow_none=True)
    owner = fields.Integer(attribute="owner_id", allow_none=True)


class LearnedModelDetailsSchema(LearnedModelSchema):
    """One version, with all that is known of its training."""

    report = fields.Dict(keys=fields.String())


class LearnedModelPageSchema(PageSchema):
    """One page of versions, the newest first."""

    items = fields.List(fields.Nested(LearnedModelSchema), required=True)

"""Users' schedules as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Line, Moment, sku
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema
from siprems_backend.routes.schemas.predict import NoBody, PredictBatchBody
from siprems_backend.routes.schemas.tools import RunBody
from siprems_backend.routes.schemas.train import TrainParameters
from siprems_backend.services.task_registry import states

LARGEST_ID = 2**63 - 1
CRON = (
    "Five fields: minute, hour, day of month, month, day of week; each `*`, a number or a name, a list, "
    "a range or a step"
)


class CategoryParameters(ma.Schema):
    """Parameters of `train_category`."""

    category = Line(200, required=True)


class ProductParameters(ma.Schema):
    """Parameters of `train_product`."""

    product_sku = sku(required=True)


class ConfigParameters(ma.Schema):
    """Parameters of `run_workflow`."""

    workflow_id = fields.UUID(required=True)
    inputs = fields.Dict(keys=fields.String(), load_default=dict)


PARAMETERS: dict[str, type[ma.Schema]] = {
    "train_all": NoBody,
    "train_category": CategoryParameters,
    "train_product": ProductParameters,
    "train_model": TrainParameters,
    "refresh_forecasts": NoBody,
    "watch_accuracy": NoBody,
    "morning_summary": NoBody,
    "predict_batch": PredictBatchBody,
    "run_tool": RunBody,
    "run_workflow": ConfigParameters,
}


class ScheduleFieldsSchema(ma.Schema):
    """What can be said of a schedule."""

    name = Line(200, metadata={"examples": ["Bakery on Sundays"]})
    cron = Line(200, metadata={"description": CRON, "examples": ["30 3 * * SUN"]})
    timezone = Line(64, metadata={"description": "By its IANA name", "examples": ["Europe/Berlin"]})
    task = fields.String(
        validate=validate.OneOf(list(PARAMETERS)), metadata={"description": "What is to be done"}
    )
    parameters = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "`category` of train_category; `product_sku` of train_product; `model_type` and "
            "`hyperparameters` of train_model; `product_skus` or `filter`, `days`, `engine` and `quantiles` "
            "of predict_batch; `tool_name` and `parameters` of run_tool; `workflow_id` and `inputs` of "
            "run_workflow; else none"
        },
    )

    @ma.post_load
    def _fit_the_task(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Each task has parameters of its own; fields of others are refused."""
        if "task" not in data:
            if "parameters" in data:
                raise ma.ValidationError("Give the task that they are for.", "task")
            return data
        try:
            fitting = PARAMETERS[data["task"]](unknown=ma.RAISE).load(data.get("parameters", {}))
        except ma.ValidationError as error:
            raise ma.ValidationError({"parameters": error.messages}) from None
        return {**data, "parameters": fitting}


class NewScheduleSchema(ScheduleFieldsSchema):
    """A schedule to add."""

    name = Line(200, required=True, metadata={"examples": ["Bakery on Sundays"]})
    cron = Line(200, required=True, metadata={"description": CRON, "examples": ["30 3 * * SUN"]})
    timezone = Line(
        64, load_default="UTC", metadata={"description": "By its IANA name", "examples": ["Europe/Berlin"]}
    )
    task = fields.String(
        required=True,
        validate=validate.OneOf(list(PARAMETERS)),
        metadata={"description": "What is to be done"},
    )


class ScheduleChangesSchema(ScheduleFieldsSchema):
    """Fields to change; a task is given with its parameters."""

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data:
            raise ma.ValidationError("Give at least one field to change.")


class ScheduleSchema(ma.Schema):
    """A schedule, with its last run and its next three."""

    id = fields.Integer()
    name = fields.String()
    owner = fields.Integer(metadata={"description": "User id"})
    task = fields.String()
    parameters = fields.Raw(metadata={"type": "object"})
    cron = fields.String()
    timezone = fields.String()
    paused = fields.Boolean()
    obstacle = fields.String(allow_none=True, metadata={"description": "Why it does not run now"})
    next_runs = fields.List(Moment())
    last_run_at = Moment(allow_none=True)
    last_task_id = fields.UUID(allow_none=True, metadata={"description": "While the ledger has the task"})
    last_status = fields.String(allow_none=True, validate=validate.OneOf([*sorted(states.ALL), None]))
    created_at = Moment()
    updated_at = Moment()


class SchedulePageSchema(PageSchema):
    """One page of schedules, the oldest first."""

    items = fields.List(fields.Nested(ScheduleSchema), required=True)


class ScheduleQuerySchema(PageQuerySchema):
    """Which schedules are listed."""

    owner = fields.Integer(
        validate=Between(1, LARGEST_ID), metadata={"description": "User id; operators only"}
    )

"""Workflows: what may be saved, asked and answered."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.fields import Line, Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.services.workflows import Config
from siprems_backend.services.workflows.requests import MOST_AT_ONCE

LARGEST_VERSION = 2**31 - 1
LARGEST_USER_ID = 2**63 - 1
NODES = (
    "Nodes in order, or as a graph with `id` and `inputs`: `[{node_type, input}]`. A whole body as "
    "`/ml/pipeline/run` takes it is read as its list"
)
INPUTS = (
    "By parameter of the workflow, by id or type of a node (with an object of its inputs), or by an input "
    "that one source takes, such as `dataset_id`"
)


class PipelineField(fields.List):
    """A list of nodes; of a whole body the list in it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict) and set(value) <= {"pipeline", "pipeline_name"}:
            value = value.get("pipeline")
        return super()._deserialize(value, attr, data, **kwargs)


class TargetSchema(ma.Schema):
    """An input of a node."""

    node = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"description": "Its id, or its type"}
    )
    input = fields.String(required=True, validate=validate.Length(1, 100))


class ParameterSchema(ma.Schema):
    """A value that executions may give; what the nodes have is its default."""

    sets = fields.List(
        fields.Nested(TargetSchema),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"description": "The inputs that it stands for"},
    )
    required = fields.Boolean(load_default=False, metadata={"description": "Each execution must give it"})
    description = fields.String(load_default="", validate=validate.Length(max=500))


class NewWorkflowSchema(ma.Schema):
    """A workflow to save."""

    name = Line(200, required=True, metadata={"examples": ["House prices"]})
    description = fields.String(load_default="", validate=validate.Length(max=2000))
    pipeline = PipelineField(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": NODES},
    )
    parameters = fields.Dict(
        keys=Line(100),
        values=fields.Nested(ParameterSchema),
        load_default=dict,
        validate=validate.Length(max=50),
    )


class WorkflowChangesSchema(NewWorkflowSchema):
    """What a workflow is to be."""

    version = fields.Integer(
        strict=True,
        validate=Between(1, LARGEST_VERSION),
        metadata={
            "description": "The version that this change was made to; 409 if it is not current any more"
        },
    )


class RestoreSchema(ma.Schema):
    """What the caller knows of the workflow."""

    version = fields.Integer(
        strict=True,
        validate=Between(1, LARGEST_VERSION),
        metadata={"description": "The version that is current as far as the caller knows; 409 if it is not"},
    )


class ListedWorkflowSchema(ma.Schema):
    """A workflow in lists."""

    id = fields.UUID()
    name = fields.String()
    description = fields.String()
    version = fields.Integer(metadata={"description": "The current one"})
    nodes = fields.Integer(metadata={"description": "How many"})
    owner = fields.Integer(attribute="owner_id", metadata={"description": "User id"})
    created_at = Moment()
    updated_at = Moment()


class WorkflowSchema(ListedWorkflowSchema):
    """A workflow at its current version."""

    pipeline = fields.List(fields.Dict(keys=fields.String()))
    parameters = fields.Dict(keys=fields.String(), values=fields.Nested(ParameterSchema))


class WorkflowPageSchema(PageSchema):
    """A page of workflows."""

    items = fields.List(fields.Nested(ListedWorkflowSchema))


class WorkflowQuery(PageQuerySchema):
    """Which workflows are listed."""

    search = Line(200, may_be_empty=True, metadata={"description": "Part of a name, in any case"})
    owner = fields.Integer(
        validate=Between(1, LARGEST_USER_ID), metadata={"description": "User id; operators only"}
    )
    sort = sort_field("name", "name", "created_at", "updated_at")


class ListedVersionSchema(ma.Schema):
    """A version in lists."""

    version = fields.Integer()
    nodes = fields.Integer(metadata={"description": "How many"})
    restored_from = fields.Integer(allow_none=True, metadata={"description": "The version that it repeats"})
    created_by = fields.Integer(allow_none=True, metadata={"description": "User id"})
    created_at = Moment()


class VersionSchema(ma.Schema):
    """What a workflow did at a version."""

    version = fields.Integer(attribute="number")
    pipeline = fields.List(fields.Dict(keys=fields.String()))
    parameters = fields.Dict(keys=fields.String(), values=fields.Nested(ParameterSchema))
    restored_from = fields.Integer(allow_none=True)
    created_by = fields.Integer(allow_none=True)
    created_at = Moment()


class VersionPageSchema(PageSchema):
    """A page of versions, the newest first."""

    items = fields.List(fields.Nested(ListedVersionSchema))


class ExecutionBody(WishesBody):
    """What an execution or a validation is given."""

    inputs = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": INPUTS})


class ConfigBody(ma.Schema):
    """One of many executions."""

    workflow_id = fields.UUID(required=True)
    inputs = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": INPUTS})

    @ma.post_load
    def _config(self, data: dict[str, Any], **_kwargs: Any) -> Config:
        return Config(data["workflow_id"], data["inputs"])


class BulkExecutionBody(WishesBody):
    """The executions."""

    configs = fields.List(
        fields.Nested(ConfigBody),
        required=True,
        data_key="workflow_configs",
        validate=validate.Length(1, MOST_AT_ONCE),
    )


class WorkflowSubmittedSchema(SubmittedSchema):
    """The task that runs or validates a workflow."""

    workflow_id = fields.UUID()

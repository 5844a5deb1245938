"""Pipelines, their nodes and their models: what may be asked and what is answered."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.fields import Line, Moment
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema
from siprems_backend.routes.schemas.tasks import SubmittedSchema

LONGEST_NAME = 200
MOST_ROWS = 10_000
NODE: dict[str, Any] = {
    "type": "object",
    "required": ["node_type"],
    "additionalProperties": False,
    "properties": {
        "node_type": {"type": "string", "description": "As `GET /ml/nodes` has it"},
        "id": {
            "type": "string",
            "description": "A name to take rows from; by default `node_1`, `node_2` ...",
        },
        "inputs": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Ids of the nodes that rows come from; the one before in the list if left out",
        },
        "input": {
            "type": "object",
            "description": "The node's parameters, by the JSON Schema of the catalogue",
        },
    },
}
SOURCE: dict[str, Any] = {**NODE, "description": "A node of the category `source` that rows come from"}
HOUSES = {
    "pipeline_name": "houses",
    "pipeline": [
        {"node_type": "upload_file", "input": {"dataset_id": "00000000-0000-4000-8000-000000000000"}},
        {"node_type": "missing_values", "input": {"strategy": "median", "columns": ["area"]}},
        {"node_type": "encoding", "input": {"method": "one_hot", "columns": ["city"]}},
        {"node_type": "scaling", "input": {"method": "standard", "columns": ["area", "age"]}},
        {"node_type": "feature_selection", "input": {"method": "f_score", "k": 4}},
        {"node_type": "split", "input": {"target": "price", "test_size": 0.25, "random_state": 1}},
        {"node_type": "linear_regression", "input": {}},
    ],
}
BRANCHES = {
    "pipeline_name": "line or tree",
    "pipeline": [
        {"id": "sales", "node_type": "sales_history", "input": {"category": "Bread"}},
        {
            "id": "numbers",
            "node_type": "columns",
            "inputs": ["sales"],
            "input": {"drop": ["sku", "category"]},
        },
        {
            "id": "split",
            "node_type": "split",
            "inputs": ["numbers"],
            "input": {"target": "quantity", "method": "time", "time_column": "date"},
        },
        {"id": "line", "node_type": "linear_regression", "inputs": ["split"]},
        {"id": "tree", "node_type": "decision_tree", "inputs": ["split"], "input": {"max_depth": 5}},
    ],
}
NODE_EXAMPLE = {
    "node_type": "scaling",
    "input": {"method": "robust", "columns": ["area"]},
    "dataset_id": "00000000-0000-4000-8000-000000000000",
}
PIPELINE_EXAMPLES = {"houses": {"value": HOUSES}, "branches": {"value": BRANCHES}}
PREDICT_EXAMPLE = {"rows": [{"area": 120, "age": 10, "city": "Izmir"}]}


class NodeSchema(ma.Schema):
    """A node of the catalogue."""

    node_type = fields.String()
    title = fields.String()
    category = fields.String()
    parameters = fields.Raw(
        metadata={"type": "object", "description": "JSON Schema (draft 2020-12) of the node's `input`"}
    )
    inputs = fields.List(
        fields.String(), metadata={"description": "What it takes: rows, or rows with a model"}
    )
    outputs = fields.List(fields.String(), metadata={"description": "What it hands on"})


class NodePageSchema(PageSchema):
    """A page of the nodes, by name."""

    items = fields.List(fields.Nested(NodeSchema))


class PipelineBody(ma.Schema):
    """Nodes in the order of work, or a graph of them by `id` and `inputs`."""

    pipeline_name = Line(LONGEST_NAME, may_be_empty=True, metadata={"examples": ["houses"]})
    # Checked as a whole, so that every problem names its node.
    pipeline = fields.Raw(
        required=True, metadata={"type": "array", "items": NODE, "minItems": 1, "maxItems": 200}
    )


class NodeBody(ma.Schema):
    """A single node, and where its rows come from: `dataset_id` or `source`, and none for a source itself."""

    node_type = Line(100, required=True)
    input = fields.Dict(keys=fields.String())
    dataset_id = fields.String(metadata={"description": "A dataset to take rows from"})
    source = fields.Raw(metadata=SOURCE)
    split = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "Parameters of a `split` before the node; models need one, to know the target"
        },
    )

    @ma.validates_schema
    def _source(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "dataset_id" in data and "source" in data:
            raise ma.ValidationError("Give either dataset_id or source.", "source")
        if "source" in data and not isinstance(data["source"], dict):
            raise ma.ValidationError("Must be an object with a node_type.", "source")


class NodeErrorSchema(ma.Schema):
    """Why a node failed."""

    index = fields.Integer()
    field = fields.String()
    parameters = fields.Dict()
    message = fields.String()


class NodeResultSchema(ma.Schema):
    """What came of a node."""

    id = fields.String()
    node_type = fields.String()
    status = fields.String(metadata={"enum": ["success", "failed", "skipped"]})
    seconds = fields.Float()
    rows = fields.Integer(allow_none=True)
    columns = fields.List(fields.String(), allow_none=True)
    output = fields.Dict(
        metadata={"description": "Of a model: `metrics`, `features`, `target`, `model_id`, `model_version`"}
    )
    cached = fields.Boolean(metadata={"description": "Whether it was found from an earlier run"})
    error = fields.Nested(NodeErrorSchema)


class OutputFileSchema(ma.Schema):
    """A file of an `export` node."""

    name = fields.String()
    content_type = fields.String()
    size_bytes = fields.Integer()
    url = fields.String()


class PipelineResultSchema(ma.Schema):
    """What came of a pipeline: one result for each node."""

    success = fields.Boolean()
    pipeline_name = fields.String()
    results = fields.List(fields.Nested(NodeResultSchema))
    output_files = fields.List(fields.Nested(OutputFileSchema))
    task_id = fields.UUID()


class PipelineSubmittedSchema(SubmittedSchema):
    """The task that does it."""

    success = fields.Boolean()


class ModelSchema(ma.Schema):
    """A fitted pipeline."""

    model_id = fields.UUID(attribute="id")
    name = fields.String(metadata={"description": "Of its pipeline"})
    version = fields.Integer(metadata={"description": "Counts the models of this name from 1"})
    node_id = fields.String()
    node_type = fields.String()
    task = fields.String(metadata={"description": "regression, classification or clustering"})
    target = fields.String(allow_none=True)
    columns = fields.List(fields.String(), metadata={"description": "What new rows need"})
    features = fields.List(fields.String(), metadata={"description": "What the model sees after all steps"})
    metrics = fields.Dict()
    bytes = fields.Integer(attribute="size_bytes")
    sha256 = fields.String(metadata={"description": "Of its file"})
    task_id = fields.UUID(allow_none=True)
    owner = fields.Integer(attribute="owner_id", allow_none=True)
    created_at = Moment()


class ModelPageSchema(PageSchema):
    """A page of models, the newest first."""

    items = fields.List(fields.Nested(ModelSchema))


class ModelQuery(PageQuerySchema):
    """Which models."""

    name = Line(LONGEST_NAME, metadata={"description": "Only the versions of this pipeline"})


class NewRowsBody(ma.Schema):
    """New rows, given or of a dataset."""

    rows = fields.List(
        fields.Dict(keys=fields.String()),
        validate=ma.validate.Length(1, MOST_ROWS),
        metadata={"description": "Values by column, as in the rows that the pipeline began with"},
    )
    dataset_id = fields.String()

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("rows" in data) == ("dataset_id" in data):
            raise ma.ValidationError("Give either rows or dataset_id.", "rows")


class PredictionsSchema(ma.Schema):
    """Predictions in the order of the rows, null for rows that a step of the pipeline drops."""

    model_id = fields.UUID()
    name = fields.String()
    version = fields.Integer()
    rows = fields.Integer()
    predictions = fields.List(
        fields.Raw(allow_none=True), metadata={"description": "Up to 10,000; more are a file in their place"}
    )
    output_files = fields.List(fields.Nested(OutputFileSchema))
    task_id = fields.UUID()

"""Datasets: what may be asked and what is answered."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.fields import Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.routes.schemas.uploads import upload_body

MOST_PREVIEWED = 200
UPLOAD_BODY = upload_body(
    "CSV (also gzipped), Parquet or XLSX; the first row names the columns",
    name={
        "type": "string",
        "maxLength": 200,
        "description": "Name of the dataset; that of the file unless given",
    },
)


class PreviewQuery(ma.Schema):
    """How many rows."""

    rows = fields.Integer(load_default=20, validate=Between(1, MOST_PREVIEWED))


class ColumnSchema(ma.Schema):
    """A column of a dataset."""

    name = fields.String()
    type = fields.String(
        metadata={"description": "integer, number, boolean, date, datetime (without zone or UTC) or string"}
    )


class DatasetSchema(ma.Schema):
    """A dataset; `rows` and `columns` are null until it is ready."""

    dataset_id = fields.UUID(attribute="id")
    name = fields.String()
    filename = fields.String()
    format = fields.String(metadata={"description": "Of the uploaded file: csv, csv.gz, parquet or xlsx"})
    status = fields.String(metadata={"description": "waiting, ready or failed"})
    rows = fields.Integer(allow_none=True)
    columns = fields.List(fields.Nested(ColumnSchema), allow_none=True)
    bytes = fields.Integer(
        attribute="size_bytes", metadata={"description": "On the data volume; counts for the quota"}
    )
    uploaded_bytes = fields.Integer()
    sha256 = fields.String(metadata={"description": "Of the uploaded file"})
    error = fields.Dict(allow_none=True, metadata={"description": "code and message of a failed one"})
    task_id = fields.UUID(allow_none=True)
    owner = fields.Integer(attribute="owner_id", allow_none=True)
    created_at = Moment()
    finished_at = Moment(allow_none=True)


class DatasetPageSchema(ma.Schema):
    """A page of datasets, the newest first."""

    items = fields.List(fields.Nested(DatasetSchema))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class DatasetSubmittedSchema(SubmittedSchema):
    """The task that reads the file, or makes the profile."""

    dataset_id = fields.UUID()
    dataset_url = fields.String()
    name = fields.String(metadata={"description": "Of the dataset; after an upload only"})


class PreviewSchema(ma.Schema):
    """The first rows of a dataset."""

    dataset_id = fields.UUID()
    columns = fields.List(fields.String())
    rows = fields.List(
        fields.List(fields.Raw(allow_none=True)),
        metadata={"description": "Values in the order of the columns; texts are cut after 200 characters"},
    )
    total_rows = fields.Integer()


class HistogramSchema(ma.Schema):
    """Counts between edges, of which there is one more."""

    edges = fields.List(fields.Float())
    counts = fields.List(fields.Integer())


class TopValueSchema(ma.Schema):
    """A frequent value."""

    value = fields.Raw(allow_none=True)
    count = fields.Integer()


class ColumnProfileSchema(ColumnSchema):
    """What a column holds; numbers have quantiles and a histogram, others their most frequent values."""

    missing = fields.Integer()
    missing_share = fields.Float()
    distinct = fields.Integer()
    min = fields.Raw(allow_none=True)
    max = fields.Raw(allow_none=True)
    mean = fields.Float(allow_none=True)
    std = fields.Float(allow_none=True)
    quantiles = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    histogram = fields.Nested(HistogramSchema, allow_none=True)
    top_values = fields.List(fields.Nested(TopValueSchema))


class CorrelationsSchema(ma.Schema):
    """Pearson's correlations of the numeric columns, 50 at most; null where one of the two is constant."""

    columns = fields.List(fields.String())
    matrix = fields.List(fields.List(fields.Float(allow_none=True)))


class ProfileSchema(ma.Schema):
    """What a dataset holds."""

    dataset_id = fields.UUID()
    rows = fields.Integer()
    sample_rows = fields.Integer(
        metadata={
            "description": "Rows that distinct, quantiles, histograms, correlations and the like are of"
        }
    )
    columns = fields.List(fields.Nested(ColumnProfileSchema))
    correlations = fields.Nested(CorrelationsSchema)
    made_at = fields.String()

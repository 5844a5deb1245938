"""Imports: what may be asked and what is answered."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.fields import Moment, PageQuery
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.routes.schemas.uploads import upload_body
from siprems_backend.services.imports import ImportKind

UPLOAD_BODY = upload_body("CSV (also gzipped), Parquet or XLSX with the columns of its kind")


class ImportQuery(ma.Schema):
    """What the file's rows are."""

    kind = fields.Enum(ImportKind, by_value=True, load_default=ImportKind.SALES)
    move_stock = fields.Boolean(
        load_default=False,
        metadata={"description": "Sales only: take what is newly sold from the stock; history does not"},
    )

    @ma.validates_schema
    def _only_sales_move_stock(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["move_stock"] and data["kind"] is not ImportKind.SALES:
            raise ma.ValidationError("Only sales move stock.", "move_stock")


class ImportsQuery(PageQuery):
    """Which imports."""

    kind = fields.Enum(ImportKind, by_value=True)


class ImportSubmittedSchema(SubmittedSchema):
    """The task that imports the file, and the record of the import."""

    import_id = fields.UUID()
    kind = fields.String()
    import_url = fields.String()


class RejectedRowSchema(ma.Schema):
    """A row that was not imported."""

    line = fields.Integer(metadata={"description": "Line in the file; the header is line 1"})
    column = fields.String()
    value = fields.String()
    reason = fields.String()


class ImportReportSchema(ma.Schema):
    """What became of the file's rows."""

    message = fields.String()
    changed = fields.Boolean(metadata={"description": "Whether anything was written"})
    rows = fields.Integer()
    accepted = fields.Integer()
    rejected = fields.Integer()
    inserted = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    merged = fields.Integer(metadata={"description": "Rows that were merged into another row of the file"})
    new_products = fields.Integer()
    products = fields.Integer(allow_none=True)
    first_date = fields.String(allow_none=True)
    last_date = fields.String(allow_none=True)
    ignored_columns = fields.List(fields.String())
    encoding = fields.String()
    separator = fields.String()
    sheet = fields.String()
    seconds = fields.Float()
    rejected_rows = fields.List(
        fields.Nested(RejectedRowSchema), metadata={"description": "The first 1,000; rejected.csv has all"}
    )


class ImportSchema(ma.Schema):
    """An import."""

    import_id = fields.UUID(attribute="id")
    kind = fields.String()
    filename = fields.String()
    sha256 = fields.String()
    size_bytes = fields.Integer()
    status = fields.Function(lambda record: (record.report or {}).get("status", "waiting"))
    task_id = fields.UUID(allow_none=True)
    owner = fields.Integer(attribute="created_by", allow_none=True)
    created_at = Moment()
    finished_at = Moment(allow_none=True)
    report = fields.Method("_report", metadata={"description": "None until the import has ended"})

    def _report(self, record: Any) -> dict[str, Any] | None:
        return ImportReportSchema().dump(record.report) if record.finished_at else None


class ListedImportSchema(ImportSchema):
    """An import in lists: without its report, which may be long."""

    class Meta:
        """What is left out."""

        exclude = ("report",)

    message = fields.Function(lambda record: (record.report or {}).get("message"))


class ImportPageSchema(ma.Schema):
    """A page of imports, the newest first."""

    items = fields.List(fields.Nested(ListedImportSchema))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()

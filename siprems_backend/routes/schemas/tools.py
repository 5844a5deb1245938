"""Tools: what is said of them, and how one is asked for."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.fields import Line
from siprems_backend.routes.schemas.paging import PageSchema
from siprems_backend.routes.schemas.tasks import SubmittedSchema

LONGEST_NAME = 100


class OutputKindSchema(ma.Schema):
    """A file that a tool may make."""

    name = fields.String()
    content_type = fields.String()
    description = fields.String()


class ToolSchema(ma.Schema):
    """A tool."""

    name = fields.String()
    title = fields.String()
    description = fields.String()
    role = fields.String(metadata={"description": "The least role that may run it"})
    parameters = fields.Raw(
        attribute="schema",
        metadata={"type": "object", "description": "JSON Schema (draft 2020-12) of the parameters"},
    )
    outputs = fields.List(fields.Nested(OutputKindSchema))


class ToolPageSchema(PageSchema):
    """A page of the tools, by name."""

    items = fields.List(fields.Nested(ToolSchema))


class RunBody(ma.Schema):
    """Which tool to run, and on what."""

    tool_name = Line(LONGEST_NAME, required=True, metadata={"examples": ["sales_export"]})
    parameters = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "As the tool's schema has them; others are refused"},
    )


class RunSubmittedSchema(SubmittedSchema):
    """The task that runs the tool."""

    tool_name = fields.String()
    files_url = fields.String(metadata={"description": "Where its files will be"})

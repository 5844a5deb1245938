"""Files that tasks made."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from siprems_backend.routes.schemas.fields import Moment


class TaskFileSchema(ma.Schema):
    """One file."""

    name = fields.String()
    content_type = fields.String()
    size_bytes = fields.Integer()
    url = fields.String()
    created_at = Moment()
    available = fields.Boolean(metadata={"description": "False once it was removed to make room"})


class TaskFilesSchema(ma.Schema):
    """The files of a task, by name; none before it has succeeded."""

    task_id = fields.UUID()
    files = fields.List(fields.Nested(TaskFileSchema))

"""What the workers say of themselves."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields


class WorkerHealthSchema(ma.Schema):
    """Whether any worker answers."""

    success = fields.Boolean()
    celery_status = fields.String()
    worker_response = fields.Raw()


class WorkerDetailsSchema(ma.Schema):
    """What the workers do, and their figures."""

    active = fields.Raw()
    stats = fields.Raw()


class WorkersSchema(ma.Schema):
    """The workers."""

    available = fields.Boolean()
    workers = fields.Nested(WorkerDetailsSchema)


class RunningTaskSchema(ma.Schema):
    """A task a worker is running."""

    id = fields.String()
    name = fields.String()
    worker = fields.String()
    time_start = fields.String(allow_none=True)


class RunningTasksSchema(ma.Schema):
    """All tasks the workers are running."""

    total = fields.Integer()
    tasks = fields.List(fields.Nested(RunningTaskSchema))

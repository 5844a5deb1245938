"""What the workers say of themselves."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields


class LiveQuery(ma.Schema):
    """Whom to believe."""

    live = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Ask the workers over the broker and wait for their answers, instead of telling "
            "what they told last (at most a few seconds ago)"
        },
    )


class WorkerHealthSchema(ma.Schema):
    """Whether any worker lives."""

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
    """A task that a worker is running."""

    id = fields.String()
    name = fields.String()
    worker = fields.String()
    time_start = fields.String(allow_none=True)


class RunningTasksSchema(ma.Schema):
    """All tasks the workers are running."""

    total = fields.Integer()
    tasks = fields.List(fields.Nested(RunningTaskSchema))

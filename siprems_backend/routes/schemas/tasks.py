"""The task document and its relatives."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field
from siprems_backend.services.task_registry import Details, TaskKind, progress_of, states

# The highest number the ledger can give to a line.
LAST_LINE = 2**63 - 1


class ProgressSchema(ma.Schema):
    """How far a task is."""

    current = fields.Integer()
    total = fields.Integer()
    percent = fields.Float()
    message = fields.String()
    status = fields.String(metadata={"description": "Of a pipeline, as the three below: what is being done"})
    current_node = fields.Integer(metadata={"description": "The node at work, counted from 1"})
    total_nodes = fields.Integer()
    node_type = fields.String()
    stage = fields.String(metadata={"description": "Of a model's training: what is being done"})
    epoch = fields.Integer(metadata={"description": "Epochs, or rounds of boosting, of this stage"})
    epochs = fields.Integer(metadata={"description": "How many there are at most"})
    loss = fields.Float(metadata={"description": "Poisson deviance of what is learned from"})
    validation_loss = fields.Float(metadata={"description": "The same of what is held back"})


class ChildrenCountsSchema(ma.Schema):
    """The tasks that a task left its work to."""

    total = fields.Integer()
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer())


class AttemptSchema(ma.Schema):
    """An earlier task that a task repeats."""

    task_id = fields.UUID()
    status = fields.String()
    message = fields.String(allow_none=True)
    created_at = Moment()
    finished_at = Moment(allow_none=True)


class LinksSchema(ma.Schema):
    """Where to go on."""

    status = fields.String()
    result = fields.String()
    logs = fields.String()
    events = fields.String()
    children = fields.String()
    cancel = fields.String()


class TaskSchema(ma.Schema):
    """The task document."""

    task_id = fields.UUID(attribute="id")
    task_name = fields.Function(lambda task: task.kind, metadata={"type": "string"})
    kind = fields.String()
    status = fields.String(validate=validate.OneOf(sorted(states.ALL)))
    state = fields.Function(lambda task: task.status, metadata={"type": "string"})
    message = fields.String(allow_none=True)
    progress = fields.Nested(ProgressSchema, allow_none=True)
    result = fields.Raw(allow_none=True)
    error = fields.Raw(allow_none=True)
    traceback = fields.String(allow_none=True)
    queue = fields.String()
    priority = fields.Integer()
    worker = fields.String(allow_none=True)
    args = fields.Raw(attribute="kwargs")
    attempts = fields.Integer()
    created_at = Moment()
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
    eta = Moment(allow_none=True)
    runtime_s = fields.Method("_runtime", allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    retry_of = fields.UUID(allow_none=True)
    owner = fields.Integer(attribute="owner_id", allow_none=True)
    request_id = fields.String(
        allow_none=True, metadata={"description": "X-Request-ID of the request that asked for it"}
    )
    expires_at = Moment(allow_none=True)
    links = fields.Method("_links", metadata={"type": "object"})

    def _runtime(self, task: Any) -> float | None:
        if task.started_at is None or task.finished_at is None:
            return None
        return round((task.finished_at - task.started_at).total_seconds(), 3)

    def _links(self, task: Any) -> dict[str, str]:
        base = f"/api/v1/tasks/{task.id}"
        return {
            "status": f"{base}/status",
            "result": f"{base}/result",
            "logs": f"{base}/logs",
            "events": f"{base}/events",
            "children": f"{base}/children",
            "cancel": f"{base}/cancel",
        }


class TaskDocumentSchema(TaskSchema):
    """The task document with what belongs to the task."""

    children = fields.Nested(
        ChildrenCountsSchema, metadata={"description": "Of a task that left its work to others"}
    )
    earlier = fields.List(
        fields.Nested(AttemptSchema), metadata={"description": "The tasks it repeats, the latest first"}
    )
    output_files = fields.List(fields.String(), metadata={"description": "Names of the files it made"})

    @ma.pre_dump
    def _row(self, details: Details, **_kwargs: Any) -> Any:
        return details.task

    @ma.post_dump(pass_original=True)
    def _more(self, document: dict[str, Any], details: Details, **_kwargs: Any) -> dict[str, Any]:
        document["progress"] = details.progress
        document["output_files"] = list(details.output_files)
        document["earlier"] = [AttemptSchema().dump(attempt) for attempt in details.earlier]
        if details.family is not None:
            counts = details.family.by_status
            document["children"] = {"total": details.family.total, "by_status": counts}
        return document


class ListedTaskSchema(TaskSchema):
    """The task document in lists: without result and traceback, which may be long."""

    class Meta:
        """Left out of lists."""

        exclude = ("result", "traceback")

    @ma.post_dump(pass_original=True)
    def _how_far(self, document: dict[str, Any], task: Any, **_kwargs: Any) -> dict[str, Any]:
        return {**document, "progress": progress_of(task)}


class TaskPageSchema(PageSchema):
    """A page of tasks."""

    items = fields.List(fields.Nested(ListedTaskSchema))


class TaskQuery(PageQuerySchema):
    """Filters of the list of tasks."""

    status = fields.String(validate=validate.OneOf(sorted(states.ALL)))
    kind = fields.String(validate=validate.OneOf([kind.value for kind in TaskKind]))
    owner = fields.Integer(metadata={"description": "User id; operators only"})
    parent_id = fields.UUID()
    request_id = fields.String(
        validate=validate.Regexp(r"[A-Za-z0-9._-]{8,64}\Z"),
        metadata={"description": "X-Request-ID of the request that asked for them"},
    )
    created_after = Moment()
    created_before = Moment()
    sort = sort_field("-created_at", "created_at", "finished_at", "status")


class ChildrenQuery(PageQuerySchema):
    """Filters of the list of a task's children."""

    status = fields.String(validate=validate.OneOf(sorted(states.ALL)))
    sort = sort_field("created_at", "created_at", "finished_at", "status")


class LastEventHeader(ma.Schema):
    """Where a client that comes back was."""

    class Meta:
        """Other headers are not ours to judge."""

        unknown = ma.EXCLUDE

    last_event_id = fields.Integer(
        load_default=0,
        data_key="Last-Event-ID",
        validate=Between(0, LAST_LINE),
        metadata={"description": "Id of the last event the client has"},
    )


class SubmittedSchema(ma.Schema):
    """Answer to a submit."""

    task_id = fields.UUID(required=True)
    status = fields.String(required=True)
    message = fields.String(required=True)
    queued = fields.Boolean(
        metadata={"description": "False while the broker is away: the task is safe and will be sent"}
    )
    executor = fields.String(
        validate=validate.OneOf(["celery", "local"]),
        metadata={"description": "Who runs it: a Celery worker, or a web process where there is none"},
    )
    product_sku = fields.String()
    forecast_days = fields.Integer()
    status_url = fields.String()
    result_url = fields.String()
    cancel_url = fields.String()


class ResultSchema(ma.Schema):
    """The outcome of a task."""

    success = fields.Boolean()
    state = fields.String()
    result = fields.Raw()
    error = fields.Raw()
    message = fields.String()


class LogLineSchema(ma.Schema):
    """One line of a task's log."""

    id = fields.Integer()
    time = Moment()
    level = fields.String()
    message = fields.String()


class LogsQuery(ma.Schema):
    """Where to go on in a log."""

    after = fields.Integer(
        load_default=0,
        validate=Between(0, LAST_LINE),
        metadata={"description": "Id of the last line the client has"},
    )


class LogsSchema(ma.Schema):
    """The lines of a task's log, in order."""

    task_id = fields.UUID()
    logs = fields.List(fields.Nested(LogLineSchema))


class ActiveTaskSchema(ma.Schema):
    """A task that is being worked on."""

    task_id = fields.UUID()
    task_name = fields.String()
    status = fields.String()
    worker = fields.String(allow_none=True)
    args = fields.Dict(metadata={"description": "Long lists and texts are summed up"})
    created_at = Moment()
    started_at = Moment(allow_none=True)
    eta = Moment(allow_none=True)
    progress = fields.Nested(ProgressSchema, allow_none=True)
    queue = fields.String()
    priority = fields.Integer()
    parent_id = fields.UUID(allow_none=True)
    owner = fields.Integer(allow_none=True)


class ActiveTasksSchema(ma.Schema):
    """The tasks that are being worked on, the oldest first, at most 500."""

    active_tasks = fields.List(fields.Nested(ActiveTaskSchema))


class ScheduledTaskSchema(ma.Schema):
    """A task that waits, or the next run of a Beat entry."""

    task_id = fields.UUID(allow_none=True)
    task_name = fields.String()
    eta = Moment(allow_none=True)
    schedule = fields.String(allow_none=True)
    queue = fields.String()


class ScheduledTasksSchema(ma.Schema):
    """All that is to come."""

    scheduled_tasks = fields.List(fields.Nested(ScheduledTaskSchema))


class CancelQuery(ma.Schema):
    """How to cancel."""

    terminate = fields.Boolean(load_default=False)


class CancelledSchema(ma.Schema):
    """Answer to a cancel."""

    task_id = fields.UUID()
    status = fields.String()
    message = fields.String()


class StatisticsSchema(ma.Schema):
    """Figures of the ledger."""

    window_hours = fields.Float()
    total = fields.Integer()
    by_status = fields.Dict()
    by_kind = fields.Dict()
    success_rate = fields.Float(allow_none=True)
    duration_p50_s = fields.Float(allow_none=True)
    duration_p95_s = fields.Float(allow_none=True)
    throughput_per_hour = fields.Float()
    oldest_waiting_s = fields.Float(allow_none=True)
    sla_breaches = fields.Integer()
    generated_at = Moment()

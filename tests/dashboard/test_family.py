"""The parts of a run on its page."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from siprems_backend.extensions.database import Database
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests import factories
from tests.dashboard.calling import browser

PARTS = """
INSERT INTO tasks (id, kind, queue, parent_id, status, error, created_at)
SELECT gen_random_uuid(), 'tasks.ml_tasks.train_chunk', 'training', CAST(:id AS uuid),
       CASE WHEN n = :failed THEN 'FAILURE' ELSE 'SUCCESS' END,
       CASE WHEN n = :failed THEN CAST('{"type": "Invalid", "message": "The disk was full."}' AS jsonb) END,
       now() + n * interval '1 second'
FROM generate_series(1, :failed) n
"""


def test_a_part_that_failed_is_shown_among_however_many(app: Flask, database: Database) -> None:
    run = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=factories.make_principal(database)).task_id
    with database.transaction() as session:
        session.execute(text(PARTS), {"id": run, "failed": 500})
    page = browser(app, Role.ADMIN).get("/app/_dash-layout", headers={"X-Page-Path": f"/app/tasks/{run}"})
    shown = page.get_data(as_text=True)
    assert shown.count("The disk was full.") == 1
    assert shown.index("The disk was full.") < shown.index("1. ")

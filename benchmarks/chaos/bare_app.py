"""Plain Celery with its default settings, for comparison: a task that works, writes one row, and works on.

Needs CHAOS_BROKER (redis://...), CHAOS_DATABASE (postgresql://...) and CHAOS_ACKS_LATE (0 or 1).
"""

from __future__ import annotations

import os
import time

import psycopg2
from celery import Celery

app = Celery("bare", broker=os.environ["CHAOS_BROKER"], backend=os.environ["CHAOS_BROKER"])
if os.environ.get("CHAOS_ACKS_LATE") == "1":
    # What its documentation advises for tasks that must not be lost.
    app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@app.task(name="bare.work")
def work(task_id: str, seconds: float) -> None:
    """Work before and after the one effect, as a training does."""
    _write("INSERT INTO begun (task_id) VALUES (%s)", task_id)
    time.sleep(seconds / 2)
    _write("INSERT INTO effects (task_id) VALUES (%s)", task_id)
    time.sleep(seconds / 2)


def _write(statement: str, task_id: str) -> None:
    connection = psycopg2.connect(os.environ["CHAOS_DATABASE"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, (task_id,))
    finally:
        connection.close()

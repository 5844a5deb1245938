"""Celery alone: a task that does nothing, with results in Redis so that its caller can know of the end."""

from __future__ import annotations

import os

from celery import Celery

app = Celery("bare", broker=os.environ["BARE_BROKER"], backend=os.environ["BARE_BACKEND"])
if os.environ.get("BARE_ACKS_LATE") == "1":
    app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@app.task(name="bare.nothing")
def nothing() -> None:
    """Do nothing."""

"""Somebody who does what waits, as a worker does, in a thread of this process."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from siprems_backend.extensions.queue import celery
from siprems_backend.models.tasks import Task
from siprems_backend.services.task_registry import views
from siprems_backend.tasks.modules import TASK_MODULES


def do(task: Task) -> None:
    """Do a waiting task."""
    for module in TASK_MODULES:
        importlib.import_module(module)
    celery.tasks[task.kind].apply(kwargs=task.kwargs, task_id=str(task.id))


@contextmanager
def a_worker() -> Iterator[None]:
    """Does whatever comes until the block ends."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            for task in views.next_to_start(5):
                do(task)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

"""How gunicorn serves the application; every number comes from the settings."""

import gc
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.extensions import metrics_files
from siprems_backend.extensions.database import database
from siprems_backend.services import live_updates
from siprems_backend.tasks.local_executor import LocalExecutor
from siprems_backend.utils.malloc import give_back_large_blocks, share_arenas

_settings = get_settings()
give_back_large_blocks()
share_arenas()
if _settings.metrics_token.get_secret_value():
    # Before the application is loaded, so that all processes count together from the first request on.
    metrics_files.share()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
timeout = 120
graceful_timeout = 30
keepalive = 5
preload_app = True
accesslog = None
loglevel = "warning"
limit_request_line = 8190


def when_ready(_server: object) -> None:
    """Leave what is loaded out of every later collection, which would write to the pages the forks share."""
    gc.collect()
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    """Connections opened before the fork belong to the parent."""
    database.forget_connections()


def post_worker_init(worker: Any) -> None:
    """Be ready to run tasks here, should there be no workers."""
    if _settings.execution_mode != "celery":
        worker.local_executor = LocalExecutor()
        worker.local_executor.start()


def worker_exit(_server: object, worker: Any) -> None:
    """Take no more tasks, and tell those who follow some, so that they come back to another process."""
    executor = getattr(worker, "local_executor", None)
    if executor is not None:
        executor.stop()
    live_updates.stop()


def child_exit(_server: object, _worker: object) -> None:
    """Keep what the process counted, in one file for all that have ended."""
    metrics_files.fold()

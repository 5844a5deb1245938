"""The Celery application: `celery -A siprems_backend.celery_app worker|beat|flower`."""

from __future__ import annotations

import os
import warnings

# Before numpy is imported: one BLAS thread, because the worker scales by processes.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from typing import Any  # noqa: E402

from celery.exceptions import CPendingDeprecationWarning  # noqa: E402
from celery.signals import (  # noqa: E402
    beat_embedded_init,
    setup_logging,
    worker_init,
    worker_process_init,
)

from siprems_backend.config import get_settings  # noqa: E402
from siprems_backend.extensions.broker import broker  # noqa: E402
from siprems_backend.extensions.cache import cache  # noqa: E402
from siprems_backend.extensions.database import database  # noqa: E402
from siprems_backend.extensions.queue import bind_queue, celery  # noqa: E402
from siprems_backend.services import training  # noqa: E402
from siprems_backend.tasks import metrics_server  # noqa: E402
from siprems_backend.tasks.modules import TASK_MODULES  # noqa: E402
from siprems_backend.tasks.schedule import QUEUES, ROUTES  # noqa: E402
from siprems_backend.tasks.steward import Steward  # noqa: E402
from siprems_backend.utils.logs import configure_logging  # noqa: E402

_settings = get_settings()
database.bind(_settings)
broker.bind(_settings)
cache.bind(_settings)
bind_queue(_settings)

celery.conf.update(
    include=TASK_MODULES,
    task_queues=QUEUES,
    task_routes=ROUTES,
    beat_scheduler="siprems_backend.tasks.ledger_scheduler:LedgerScheduler",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # A message waits in its queue until a process is free: an urgent one behind it is not held up, and less
    # is lost with a worker that is killed.
    worker_disable_prefetch=True,
    # The ledger tells what happens; Flower switches Celery's own events on while it watches.
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=30.0,
    # Seconds between the death of a pool process and the end of hope for its result.
    worker_lost_wait=0.5,
)

# Said at every loss of the broker to whoever keeps `..._on_connection_loss` off, as we do on purpose: the
# ledger drops the second delivery of a task that is still being worked on.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)

celery.steps["worker"].add(Steward)

app = celery


@setup_logging.connect
def _use_our_logs(**_signal: Any) -> None:
    configure_logging(_settings.log_level, _settings.log_format)


@worker_init.connect
def _load_training_libraries(**_signal: Any) -> None:
    """Load what every child needs before the fork, so that children share the memory and start fast."""
    training.prepare_process()


@worker_init.connect
def _open_to_monitoring(**_signal: Any) -> None:
    metrics_server.open_to_monitoring(_settings)


@worker_process_init.connect
def _forget_parents_connections(**_signal: Any) -> None:
    database.forget_connections()
    metrics_server.leave_to_parent()


@beat_embedded_init.connect
def _forget_workers_connections(**_signal: Any) -> None:
    """Celery has closed all files of the worker that Beat was forked from."""
    database.forget_connections()

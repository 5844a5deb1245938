"""Who works: every worker enters itself in the database and renews its row while it lives."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import workers
from siprems_backend.models.workers import Worker
from siprems_backend.utils import clock

CELERY, LOCAL = "celery", "local"
# Where a worker's figures tell which types of learned models it could train.
TRAINS = "trains"
RENEW_EVERY_SECONDS = 2.0
# Several renewals may be late on a busy machine before a worker counts as gone.
ALIVE_FOR = timedelta(seconds=10)
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """What stays the same while a worker lives."""

    name: str
    kind: str
    pid: int
    concurrency: int
    queues: Sequence[str]
    started_at: datetime


def local_name() -> str:
    """The name of this process where it runs tasks without Celery."""
    return f"{LOCAL}@{socket.gethostname()}:{os.getpid()}"


def renew(worker: Identity, figures: dict[str, Any]) -> None:
    """Say that a worker lives, and what it is doing."""
    values = {**asdict(worker), "queues": list(worker.queues), "figures": figures}
    with database.transaction() as session:
        workers.renew(session, {**values, "heartbeat_at": clock.now()})


def leave(name: str) -> None:
    """Say that a worker ends in good order: it is gone at once, and remembered for a while."""
    with database.transaction() as session:
        workers.leave(session, name, clock.now() - ALIVE_FOR)


def alive() -> Sequence[Worker]:
    """The workers that live, by name."""
    with database.reading() as session:
        return workers.alive(session, clock.now() - ALIVE_FOR)


def heard_of(within: timedelta) -> Sequence[Worker]:
    """The workers that live or did lately, by name."""
    with database.reading() as session:
        return workers.alive(session, clock.now() - within)


def forget_gone() -> int:
    """Delete the rows of workers that have not been heard of for a day; how many."""
    with database.transaction() as session:
        return workers.forget_before(session, clock.now() - REMEMBERED)

"""Whether this process can serve, in words that anybody may read: no addresses, no paths, no versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from siprems_backend.config import get_settings
from siprems_backend.extensions import redis_probe
from siprems_backend.extensions.database import database
from siprems_backend.models import health_queries, task_queries
from siprems_backend.services import migrations
from siprems_backend.services.checks import Finding, State, all_within, fine
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils import clock, disk

PATIENCE_SECONDS = 4.0
LITTLE_SPACE = 1_000_000_000
# Beat asks for the first every 30 s and for the second every five minutes; a busy worker may be late.
REGULAR_KINDS = (TaskKind.RECONCILE, TaskKind.HEALTH_CHECK)
REGULAR_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Readiness:
    """All findings by name; ready when none of the needed ones failed."""

    ready: bool
    checks: dict[str, Finding]


def readiness() -> Readiness:
    """Look at everything a request may need; takes a few seconds at most, whatever is away."""
    needed = {"database": _database, "migrations": _migrations, "broker": _broker, "models": _models}
    # A full disk or a sleeping Beat does not keep this process from answering.
    informing = {"disk": _disk, "schedule": _schedule}
    checks = all_within(PATIENCE_SECONDS, needed | informing)
    return Readiness(all(checks[name].state is State.OK for name in needed), checks)


def _database() -> Finding:
    try:
        with database.reading() as session:
            task_queries.database_time(session)
    except Exception:
        return Finding(State.FAILED, "cannot be reached")
    return fine("answers")


def _migrations() -> Finding:
    try:
        current = migrations.current_revision()
    except Exception:
        return Finding(State.UNKNOWN, "the database cannot be reached")
    if current != _newest_revision():
        return Finding(State.FAILED, "the tables are not those of this version; migrate")
    return fine("up to date")


@lru_cache(maxsize=1)
def _newest_revision() -> str | None:
    """The code does not change while the process lives."""
    return migrations.newest_revision()


def _broker() -> Finding:
    try:
        redis_probe.ping(get_settings().celery_broker_url)
    except Exception:
        return Finding(State.FAILED, "cannot be reached")
    return fine("answers")


def _models() -> Finding:
    settings = get_settings()
    if not all(disk.is_writable(folder) for folder in (settings.models_dir, settings.meta_dir)):
        return Finding(State.FAILED, "the folder of models cannot be written")
    return fine("writable")


def _disk() -> Finding:
    settings = get_settings()
    free = min(disk.free_bytes(folder) for folder in (settings.models_dir, settings.data_dir))
    if free < LITTLE_SPACE:
        return Finding(State.WARNING, "little space is left")
    return fine("enough space")


def _schedule() -> Finding:
    """What Beat asks for all day long shows that Beat, broker, a worker and the database work together."""
    try:
        with database.reading() as session:
            last = health_queries.last_success(session, REGULAR_KINDS)
    except Exception:
        return Finding(State.UNKNOWN, "the ledger cannot be read")
    if last is None:
        return Finding(State.WARNING, "no regular task has run lately")
    age = clock.now() - last
    message = f"a regular task ended {max(0, round(age.total_seconds()))} s ago"
    return fine(message) if age < REGULAR_WITHIN else Finding(State.WARNING, message)

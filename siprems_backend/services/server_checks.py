"""The doctor's look at the database and the Redis databases."""

from __future__ import annotations

from urllib.parse import urlsplit

from redis.exceptions import AuthenticationError, RedisError

from siprems_backend.config import get_settings
from siprems_backend.extensions import redis_probe
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.services import migrations
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.checks import Finding, State, fine
from siprems_backend.services.database_wait import reason
from siprems_backend.utils import clock

# Tokens, leases and schedules compare times of different machines; their margins are minutes.
LARGEST_SKEW_SECONDS = 5.0
OLDEST_POSTGRESQL = 14


def database_answers() -> Finding:
    """Whether the database takes us in and is new enough."""
    where = _place(get_settings().database_url)
    try:
        with database.reading() as session:
            task_queries.database_time(session)
    except DATABASE_AWAY as error:
        advice = f"Start PostgreSQL at {where} (`./siprems up` does), or correct DATABASE_URL or DB_*."
        return Finding(State.FAILED, reason(error), advice)
    version = database.engine.dialect.server_version_info or ()
    message = f"PostgreSQL {'.'.join(map(str, version))} at {where}"
    if version and int(version[0]) < OLDEST_POSTGRESQL:
        return Finding(State.FAILED, message, f"Move the data to version {OLDEST_POSTGRESQL} or newer.")
    return fine(message)


def schema() -> Finding:
    """Whether the tables are those of this version of the program."""
    current, newest = migrations.current_revision(), migrations.newest_revision()
    if current != newest:
        message = f"the tables are at revision {current or 'none'}, the program expects {newest}"
        return Finding(State.FAILED, message, "Run `./siprems migrate`.")
    return fine(f"at revision {current}")


def clocks() -> Finding:
    """How far this machine's clock is from the database's."""
    before = clock.now()
    with database.reading() as session:
        theirs = task_queries.database_time(session)
    after = clock.now()
    skew = (theirs - (before + (after - before) / 2)).total_seconds()
    message = f"{abs(skew):.1f} s {'behind' if skew > 0 else 'ahead of'} the database"
    if abs(skew) > LARGEST_SKEW_SECONDS:
        return Finding(State.FAILED, message, "Let both machines set their clocks by NTP (`timedatectl`).")
    return fine(message)


def broker() -> Finding:
    """Whether the broker answers and keeps the messages it is given."""
    return _redis("CELERY_BROKER_URL", get_settings().celery_broker_url, keeps_messages=True)


def result_backend() -> Finding:
    """Whether Celery's result backend answers."""
    return _redis("CELERY_RESULT_BACKEND", get_settings().celery_result_backend, keeps_messages=False)


def cache() -> Finding:
    """Whether the database of rate limits answers."""
    return _redis("CACHE_URL", get_settings().cache_url, keeps_messages=False)


def _redis(setting: str, url: str, *, keeps_messages: bool) -> Finding:
    where = _place(url)
    try:
        server = redis_probe.describe(url)
    except AuthenticationError:
        return Finding(State.FAILED, f"{where} refuses the password", f"Correct the password in {setting}.")
    except (RedisError, ValueError) as error:
        advice = f"Start Redis or Valkey at {where} (`./siprems up` does), or correct {setting}."
        return Finding(State.FAILED, f"no answer from {where} ({type(error).__name__})", advice)
    message = f"version {server.version or 'unknown'} at {where}"
    if keeps_messages and server.eviction not in {None, "noeviction"}:
        advice = (
            "Set `maxmemory-policy noeviction`; anything else throws queued tasks away when memory is full."
        )
        return Finding(State.WARNING, f"{message}, eviction {server.eviction}", advice)
    if keeps_messages and server.append_only is False:
        advice = "Set `appendonly yes`; the reconciler sends again what a restart loses, but minutes later."
        return Finding(State.WARNING, f"{message}, not persistent", advice)
    return fine(message)


def _place(url: str) -> str:
    """Host, port and database of a URL, without its user and password."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path}"

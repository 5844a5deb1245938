"""What exceptions mean: whether waiting helps, and what a person is told."""

from __future__ import annotations

import errno

from billiard.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from siprems_backend.errors import ServiceError, Unavailable
from siprems_engine.forecasting.errors import EngineError

DATABASE_AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)

# File-system failures that do not pass by themselves, or that are mistakes of ours.
LASTING = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}
)


def ends_the_task(error: BaseException) -> bool:
    """Whether work on many things must stop at this error, instead of going on with the next thing."""
    return is_transient(error) or isinstance(error, SoftTimeLimitExceeded)


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: database, broker or file system away; a full disk counts."""
    if isinstance(error, OSError):
        return error.errno not in LASTING
    return isinstance(error, (*DATABASE_AWAY, RedisError, Unavailable))


def in_words(error: BaseException) -> str:
    """What whoever asked for the work may read of its failure: neither SQL nor paths of ours."""
    if isinstance(error, ServiceError | EngineError):
        return str(error)
    if isinstance(error, DATABASE_AWAY):
        return "The database was away."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return f"Something went wrong on our side ({type(error).__name__}); the traceback tells more."

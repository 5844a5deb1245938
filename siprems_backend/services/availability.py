"""Which exceptions mean that something we depend on is away for the moment."""

from __future__ import annotations

import errno

from billiard.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from siprems_backend.errors import Unavailable

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

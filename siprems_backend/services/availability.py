"""Which exceptions mean that a server we depend on is away."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeout

DATABASE_AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)

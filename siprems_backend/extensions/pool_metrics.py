"""How much of the database pools is used, told by the pools themselves."""

from __future__ import annotations

from sqlalchemy import Engine, event

from siprems_backend.extensions.metrics import DATABASE_CONNECTIONS


def watch(engine: Engine, most: int) -> None:
    """Count the connections of this engine's pool, of which each process may open so many.

    Labels are looked up each time: a worker binds its database before it knows where values are to lie.
    """

    @event.listens_for(engine, "connect")
    def opened(*_: object) -> None:
        # Said here, because this runs in every process that uses the database and in no other.
        DATABASE_CONNECTIONS.labels("limit").set(most)
        DATABASE_CONNECTIONS.labels("open").inc()

    event.listen(engine, "close", lambda *_: DATABASE_CONNECTIONS.labels("open").dec())
    event.listen(engine, "checkout", lambda *_: DATABASE_CONNECTIONS.labels("in_use").inc())
    event.listen(engine, "checkin", lambda *_: DATABASE_CONNECTIONS.labels("in_use").dec())

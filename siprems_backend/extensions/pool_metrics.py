"""How much of the database pools is used, told by the pools themselves."""

from __future__ import annotations

from sqlalchemy import Engine, event

from siprems_backend.extensions.metrics import DATABASE_CONNECTIONS


def watch(engine: Engine, most: int) -> None:
    """Count the connections of this engine's pool, of which each process may open so many."""
    limit, open_, in_use = (DATABASE_CONNECTIONS.labels(state) for state in ("limit", "open", "in_use"))

    @event.listens_for(engine, "connect")
    def opened(*_: object) -> None:
        # Said here, because this runs in every process that uses the database and in no other.
        limit.set(most)
        open_.inc()

    event.listen(engine, "close", lambda *_: open_.dec())
    event.listen(engine, "checkout", lambda *_: in_use.inc())
    event.listen(engine, "checkin", lambda *_: in_use.dec())

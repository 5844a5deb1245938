"""Statements that the server parses and plans once a connection, not once a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

READY = "prepared_statements"


class Prepared:
    """One changing statement with the types of its parameters, which it calls `$1`, `$2` and so on.

    `text` ends with its conditions, to which `condition` is added.

    For the few statements that are asked at every task: planning them takes the server longer than running
    them, and the library's way to the driver takes longer than the driver. A prepared statement lives as long
    as its connection to the server.
    """

    def __init__(
        self, name: str, parameters: Mapping[str, str], text: str, *, returning: str, condition: str = "TRUE"
    ) -> None:
        self._name = name
        types, places = ", ".join(parameters.values()), ", ".join(f"%({each})s" for each in parameters)
        self._preparation = f"PREPARE {name} ({types}) AS {text} AND {condition} RETURNING {returning}"
        self._execution = f"EXECUTE {name} ({places})"

    def row(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row of the answer, or None.

        Raises:
            sqlalchemy.exc.DBAPIError: of the kind that the library would raise.
        """
        driver: Any = connection.connection.driver_connection
        ready: set[str] = connection.info.setdefault(READY, set())
        try:
            with driver.cursor() as cursor:
                if self._name not in ready:
                    cursor.execute(self._preparation)
                    ready.add(self._name)
                cursor.execute(self._execution, values)
                row: tuple[Any, ...] | None = cursor.fetchone()
                return row
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._as_library_says(connection, error) from error

    def _as_library_says(self, connection: Connection, error: Exception) -> BaseException:
        """The library's exception for the driver's; a connection that is lost leaves the pool."""
        dialect = connection.dialect
        lost = dialect.is_disconnect(error, None, None)  # type: ignore[arg-type]
        if lost:
            connection.invalidate(error)
        return DBAPIError.instance(
            self._execution,
            None,
            error,
            dialect.loaded_dbapi.Error,
            connection_invalidated=lost,
            dialect=dialect,
        )

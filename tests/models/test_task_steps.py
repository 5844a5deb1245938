"""The prepared statements of every task: what they change, and what they refuse."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from siprems_backend.extensions.database import Database
from siprems_backend.models import task_queries, task_steps
from siprems_backend.models.prepared import Prepared
from siprems_backend.models.task_changes import CHANGED_COLUMNS, Changed
from siprems_backend.models.tasks import Task
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils import clock


def submit() -> UUID:
    return task_registry.submit(TaskKind.TRAIN_PRODUCT, {"product_sku": "X"}).task_id


def claim(database: Database, task_id: UUID, lease_id: UUID) -> task_steps.Taken | None:
    now = clock.now()
    with database.lookup() as connection:
        return task_steps.claim(
            connection, task_id, worker="worker@host", lease_id=lease_id, now=now, lease_expires_at=now
        )


def end_well(database: Database, task_id: UUID, lease_id: UUID, result: object = None) -> Changed | None:
    with database.lookup() as connection:
        return task_steps.end_well(
            connection, task_id, lease_id, now=clock.now(), message="done", result=result
        )


def test_both_say_what_other_changes_say(database: Database) -> None:
    task_id, lease_id = submit(), uuid4()
    taken = claim(database, task_id, lease_id)
    assert taken is not None
    assert taken.attempts == 1
    told = end_well(database, task_id, lease_id, {"text": "a\0b"})
    with database.reading() as session:
        assert told == Changed(*session.execute(select(*CHANGED_COLUMNS).where(Task.id == task_id)).one())
        task = task_queries.by_id(session, task_id)
    assert task is not None
    assert (task.status, task.message, task.result) == (
        "SUCCESS",
        "done",
        {"text": "a\N{REPLACEMENT CHARACTER}b"},
    )
    assert (task.lease_id, task.lease_expires_at, task.worker) == (None, None, "worker@host")


def test_a_task_ends_for_the_holder_of_its_lease_and_once(database: Database) -> None:
    task_id, lease_id = submit(), uuid4()
    claim(database, task_id, lease_id)
    assert end_well(database, task_id, uuid4()) is None
    assert end_well(database, task_id, lease_id) is not None
    assert end_well(database, task_id, lease_id) is None
    assert claim(database, task_id, uuid4()) is None


def test_a_new_connection_is_prepared_anew(database: Database) -> None:
    for _ in range(2):
        task_id, lease_id = submit(), uuid4()
        assert claim(database, task_id, lease_id) is not None
        assert end_well(database, task_id, lease_id) is not None
        database.dispose()


def test_a_lost_connection_is_told_as_the_library_tells_it(
    database: Database, server_urls: tuple[str, str]
) -> None:
    task_id, now = submit(), clock.now()
    with database.lookup() as connection:
        ours = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg2.connect(server_urls[0]) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (ours,))
        other.close()
        with pytest.raises(OperationalError) as raised:
            task_steps.claim(connection, task_id, worker="w", lease_id=uuid4(), now=now, lease_expires_at=now)
    assert raised.value.connection_invalidated
    assert claim(database, task_id, uuid4()) is not None


def test_a_mistake_in_a_statement_does_not_end_the_connection(database: Database) -> None:
    wrong = Prepared("wrong", {"a": "int"}, "UPDATE nowhere SET b = $1 WHERE true", returning="b")
    with database.lookup() as connection:
        with pytest.raises(ProgrammingError):
            wrong.row(connection, {"a": 1})
        assert connection.execute(text("SELECT 1")).scalar_one() == 1

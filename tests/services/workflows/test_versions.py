"""Versions of workflows: who changes what, and when nobody may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from siprems_backend.errors import Conflict, ServiceError
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, housekeeping, task_registry, workflows
from siprems_backend.services.datasets import uploads
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.services.workflows import changing, upkeep
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.datasets.conftest import Sent
from tests.services.workflows.bodies import houses, joined, values

LONG_AGO = clock.now() - timedelta(days=3)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code


def test_each_change_is_a_version_and_the_same_again_is_none(owner: Principal) -> None:
    made = workflows.create(values(), owner)
    assert (made.version, made.nodes, made.pipeline) == (1, 5, houses())
    again = workflows.replace(made.id, values(), owner)
    assert again == made
    second = workflows.replace(made.id, values(pipeline=joined()), owner)
    renamed = workflows.replace(made.id, values("Other", pipeline=joined()), owner)
    assert (second.version, renamed.version, renamed.name) == (2, 3, "Other")
    assert workflows.version(made.id, 1, owner).pipeline == houses()
    restored = workflows.restore(made.id, 1, owner)
    assert (restored.version, restored.name, restored.pipeline) == (4, "Other", houses())
    listed = workflows.versions(made.id, PageRequest(), owner)
    told = [(each.version, each.nodes, each.restored_from) for each in listed.items]
    assert told == [(4, 5, 1), (3, 4, None), (2, 4, None), (1, 5, None)]
    assert code_of(lambda: workflows.version(made.id, 5, owner)) == "version_not_found"
    assert code_of(lambda: workflows.restore(made.id, 9, owner)) == "version_not_found"


def test_nobody_overwrites_what_they_have_not_seen(owner: Principal) -> None:
    made = workflows.create(values(), owner)
    workflows.replace(made.id, values(pipeline=joined()), owner, expected={1})
    for change in (
        lambda: workflows.replace(made.id, values("Other"), owner, expected={1}),
        lambda: workflows.replace(made.id, values("Other"), owner, expected=set()),
        lambda: workflows.restore(made.id, 1, owner, expected={1}),
    ):
        assert code_of(change) == "workflow_changed"
    assert workflows.get(made.id, owner).name == "Houses"


def test_of_many_changes_at_once_each_is_a_version(owner: Principal) -> None:
    made = workflows.create(values(), owner)
    answers: list[str] = []
    start = threading.Barrier(6)

    def change(number: int) -> None:
        start.wait()
        try:
            workflows.replace(made.id, values(f"By {number}"), owner, expected={1})
            answers.append("changed")
        except Conflict as error:
            answers.append(error.code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["changed", *["workflow_changed"] * 5]
    assert workflows.get(made.id, owner).version == 2


def test_names_are_the_owners(owner: Principal, database: Database) -> None:
    made = workflows.create(values(), owner)
    other = workflows.create(values("Other"), owner)
    assert code_of(lambda: workflows.create(values(), owner)) == "workflow_exists"
    assert code_of(lambda: workflows.replace(other.id, values(), owner)) == "workflow_exists"
    assert workflows.get(other.id, owner).version == 1
    stranger = factories.make_principal(database)
    assert workflows.create(values(), stranger).name == "Houses"
    workflows.remove(made.id, owner)
    assert workflows.create(values(), owner).id != made.id


def test_others_see_nothing_and_operators_all(owner: Principal, database: Database) -> None:
    made = workflows.create(values(), owner)
    stranger = factories.make_principal(database)
    for call in (
        lambda: workflows.get(made.id, stranger),
        lambda: workflows.replace(made.id, values("Mine"), stranger),
        lambda: workflows.restore(made.id, 1, stranger),
        lambda: workflows.remove(made.id, stranger),
        lambda: workflows.versions(made.id, PageRequest(), stranger),
        lambda: workflows.version(made.id, 1, stranger),
        lambda: workflows.get(uuid4(), owner),
    ):
        assert code_of(call) == "workflow_not_found"
    assert workflows.listing(PageRequest(), "name", stranger, owner=owner.user_id).total == 0
    operator = factories.make_principal(database, Role.OPERATOR)
    assert [each.id for each in workflows.listing(PageRequest(), "name", operator).items] == [made.id]
    changed = workflows.replace(made.id, values("Theirs"), operator)
    assert (changed.owner_id, changed.version) == (owner.user_id, 2)


def test_one_may_have_so_many(owner: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "MOST_WORKFLOWS", 2)
    first = workflows.create(values("1"), owner)
    workflows.create(values("2"), owner)
    assert code_of(lambda: workflows.create(values("3"), owner)) == "too_many_workflows"
    workflows.remove(first.id, owner)
    workflows.create(values("3"), owner)


def test_a_deleted_one_is_kept_until_its_tasks_have_ended(owner: Principal, database: Database) -> None:
    used, unused = workflows.create(values("Used"), owner), workflows.create(values("Unused"), owner)
    task = workflows.submit_execution(workflows.Config(used.id), owner)
    for made in (used, unused):
        workflows.remove(made.id, owner)
        assert code_of(lambda made=made: workflows.get(made.id, owner)) == "workflow_not_found"
    assert housekeeping.clean_up()["workflows"] == 0
    with database.transaction() as session:
        session.execute(text("UPDATE workflows SET deleted_at = :then"), {"then": LONG_AGO})
    assert housekeeping.clean_up()["workflows"] == 1
    task_registry.cancel(task.task_id, owner)
    assert housekeeping.clean_up()["workflows"] == 1


def test_a_dataset_is_kept_while_a_workflow_that_names_it_is_to_run(owner: Principal) -> None:
    record = uploads.receive(Sent(b"city,area,price\nRoma,1,2\n"), owner)
    made = workflows.create(values(pipeline=houses(record.id)), owner)
    task = workflows.submit_execution(workflows.Config(made.id), owner)
    workflows.replace(made.id, values(), owner)
    assert code_of(lambda: datasets.remove(record.id, owner)) == "dataset_in_use"
    task_registry.cancel(task.task_id, owner)
    datasets.remove(record.id, owner)


def test_old_versions_are_forgotten(
    owner: Principal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "VERSIONS_KEPT", 2)
    made = workflows.create(values(), owner)
    for number in range(4):
        workflows.replace(made.id, values(f"Name {number}"), owner)
    with database.transaction() as session:
        session.execute(text("UPDATE workflow_versions SET created_at = :then"), {"then": LONG_AGO})
    assert housekeeping.clean_up()["workflows"] == 3
    kept = workflows.versions(made.id, PageRequest(), owner).items
    assert [each.version for each in kept] == [5, 4]


def test_a_task_runs_the_version_that_was_current_when_it_was_submitted(owner: Principal) -> None:
    made = workflows.create(values(), owner)
    config = workflows.Config(made.id, {"dataset_id": "x"})
    first = workflows.submit_execution(config, owner, idempotency_key="once")
    workflows.replace(made.id, values("Other"), owner)
    again = workflows.submit_execution(config, owner, idempotency_key="once")
    second = workflows.submit_execution(config, owner)
    assert (again.task_id, again.replayed) == (first.task_id, True)
    kwargs = [task_registry.get(each.task_id, owner).kwargs for each in (first, second)]
    assert [each["version"] for each in kwargs] == [1, 2]
    other = workflows.Config(made.id)
    assert code_of(lambda: workflows.submit_execution(other, owner, idempotency_key="once")) == (
        "idempotency_key_reused"
    )


def test_bulk_is_all_or_none_and_pins_its_versions(owner: Principal, database: Database) -> None:
    made = workflows.create(values(), owner)
    theirs = workflows.create(values(), factories.make_principal(database))
    good, bad = workflows.Config(made.id), workflows.Config(made.id, {"nobody": 1})
    with pytest.raises(ServiceError) as caught:
        workflows.submit_bulk([good, bad, workflows.Config(theirs.id)], owner)
    assert caught.value.code == "invalid_workflows"
    assert set(caught.value.fields["workflow_configs"]) == {"1", "2"}
    assert task_registry.listing(task_registry.TaskFilter(), PageRequest(), "created_at", owner).total == 0
    first = workflows.submit_bulk([good, good], owner, idempotency_key="once")
    workflows.replace(made.id, values("Other"), owner)
    again = workflows.submit_bulk([good, good], owner, idempotency_key="once")
    assert (again.parent.task_id, again.task_ids) == (first.parent.task_id, first.task_ids)
    for task_id in first.task_ids:
        task = task_registry.get(task_id, owner)
        assert (task.kind, task.kwargs["version"]) == (TaskKind.EXECUTE_WORKFLOW, 1)

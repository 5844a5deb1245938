"""Many executions under a parent, from the submit to the last one's end; no worker needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from siprems_backend.errors import Invalid
from siprems_backend.services import task_registry, workflows
from siprems_backend.services.families import Family
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind, fan_out, lifecycle
from siprems_backend.services.workflows import Config
from siprems_backend.tasks.workflow_tasks import bulk_execute_workflows_task
from siprems_backend.utils.pagination import PageRequest
from tests.services.workflows.bodies import values


@pytest.fixture
def family(owner: Principal) -> Family:
    """Four executions that were sent out."""
    made = [workflows.create(values(name), owner) for name in ("First", "Second")]
    configs = [Config(made[place % 2].id) for place in range(4)]
    submitted = workflows.submit_bulk(configs, owner)
    send_out(submitted.parent.task_id)
    return submitted


def send_out(parent_id: UUID) -> None:
    bulk_execute_workflows_task.apply(kwargs={"tasks": 4, "digest": ""}, task_id=str(parent_id))


def begin(task_id: UUID) -> lifecycle.Claim:
    held = lifecycle.claim(task_id, TaskKind.EXECUTE_WORKFLOW, {}, "worker@host")
    assert held is not None
    return held


def end(task_id: UUID, error: Exception | None = None) -> None:
    held = begin(task_id)
    if error is None:
        lifecycle.succeed(held, {"success": True}, [])
    else:
        lifecycle.fail(held, error, "", [])
    assert held.parent_id is not None
    fan_out.update_parent(held.parent_id)


def progress(family: Family, owner: Principal) -> tuple[Any, ...]:
    details = task_registry.details(family.parent.task_id, owner)
    assert details.progress is not None
    return details.task.status, details.progress["current"], details.progress["total"]


def results(family: Family, owner: Principal) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = task_registry.get(family.parent.task_id, owner).result["results"]
    return found


def test_the_parent_counts_them_and_succeeds_with_what_became_of_each(
    family: Family, owner: Principal
) -> None:
    for place in (2, 0):
        end(family.task_ids[place])
    assert progress(family, owner) == ("PROGRESS", 2, 4)
    end(family.task_ids[1], Invalid("Node 'node_2' (missing_values): There is no column 'rent'."))
    assert progress(family, owner) == ("PROGRESS", 3, 4)
    end(family.task_ids[3])
    assert progress(family, owner) == ("SUCCESS", 4, 4)
    parent = task_registry.get(family.parent.task_id, owner)
    figures = ("status", "total", "succeeded", "failed", "cancelled")
    assert [parent.result[name] for name in figures] == ["partial", 4, 3, 1, 0]
    assert parent.message == parent.result["warning"] == "1 of 4 workflows did not succeed"
    told = results(family, owner)
    assert [each["task_id"] for each in told] == [str(task_id) for task_id in family.task_ids]
    assert [each["name"] for each in told] == ["First", "Second", "First", "Second"]
    assert [each["status"] for each in told] == ["SUCCESS", "FAILURE", "SUCCESS", "SUCCESS"]
    assert told[1]["error"]["message"].startswith("Node 'node_2' (missing_values)")
    assert all(each["version"] == 1 and each["seconds"] >= 0 for each in told)
    assert "error" not in told[0]


def test_cancelling_the_parent_cancels_them(family: Family, owner: Principal) -> None:
    end(family.task_ids[0])
    running = begin(family.task_ids[1])
    task_registry.cancel(family.parent.task_id, owner)
    assert lifecycle.heartbeat(running) is False
    assert progress(family, owner) == ("PROGRESS", 3, 4)
    lifecycle.revoke(running, [])
    fan_out.update_parent(family.parent.task_id)
    parent = task_registry.get(family.parent.task_id, owner)
    assert (parent.status, parent.result["succeeded"], parent.result["cancelled"]) == ("REVOKED", 1, 3)
    assert [each["status"] for each in results(family, owner)] == ["SUCCESS", *["REVOKED"] * 3]


def test_a_retry_runs_the_same_versions_of_those_that_were_cancelled(
    family: Family, owner: Principal
) -> None:
    end(family.task_ids[0])
    task_registry.cancel(family.parent.task_id, owner)
    found = workflows.listing(PageRequest(), "name", owner).items[0]
    workflows.replace(found.id, values("First", description="Other"), owner)
    again = task_registry.retry(family.parent.task_id, owner)
    send_out(again.task_id)
    children = task_registry.children(again.task_id, None, PageRequest(), "created_at", owner).items
    assert {child.retry_of for child in children} == set(family.task_ids[1:])
    assert {child.kwargs["version"] for child in children} == {1}


def test_names_are_told_of_deleted_workflows_too(family: Family, owner: Principal) -> None:
    for found in workflows.listing(PageRequest(), "name", owner).items:
        workflows.remove(found.id, owner)
    for task_id in family.task_ids:
        end(task_id)
    assert [each["name"] for each in results(family, owner)] == ["First", "Second", "First", "Second"]

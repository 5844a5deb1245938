"""Keeping the plan true: all of it at night, the lines that changed when somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from siprems_backend.extensions.database import database
from siprems_backend.models import plan_inputs
from siprems_backend.services.identity import Principal
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.replenishment import inputs, making
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.task_registry import Submitted, fan_out, fence, submission
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.wished import submit_wished
from siprems_backend.services.task_registry.wishes import NONE

log = structlog.get_logger(__name__)

# So many lines are made while somebody waits; with more a worker makes them all.
MOST_AT_ONCE = 300
PRODUCTS_AT_A_TIME = 1000


def refresh(product_ids: Sequence[int]) -> int:
    """Make the lines of these products anew; how many of them are sold."""
    if not product_ids:
        return 0
    with database.reading() as session:
        day, facts = inputs.read(session, product_ids)
    rows = making.rows(day, facts)
    if rows:
        with database.transaction() as session:
            plan_inputs.store(session, making.columns_of(rows))
            fence.require_lease(session)
    return len(rows)


def line_of(product_id: int) -> Mapping[str, Any] | None:
    """The true line of a product that is sold, made anew if need be; None of others, or without forecast."""
    for _ in range(2):
        with database.reading() as session:
            line = plan_inputs.true_line(session, planning_day(session), product_id)
        if line is not None:
            return line if line["forecast_made_at"] is not None else None
        if not refresh([product_id]):
            return None
    # Somebody changes it faster than it is made: what was made last is as true as it gets.
    with database.reading() as session:
        return plan_inputs.line(session, product_id)


def refresh_all(*, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Make the whole plan anew; how many lines."""
    with database.reading() as session:
        ids = plan_inputs.active_ids(session)
    made = 0
    for place in range(0, len(ids), PRODUCTS_AT_A_TIME):
        on_progress(place, len(ids), f"Planning {len(ids):,} products")
        made += refresh(ids[place : place + PRODUCTS_AT_A_TIME])
    on_progress(len(ids), len(ids), f"{made:,} lines made")
    log.info("plan_made", products=made)
    return {"lines": made}


@fan_out.followed_by(TaskKind.TRAIN_ALL, TaskKind.REFRESH_FORECASTS, TaskKind.ACCURACY_WATCH)
def ask_for_refresh() -> None:
    """Have a worker make the plan anew, unless one is about to."""
    with database.reading() as session:
        if plan_inputs.is_waiting(session, TaskKind.REFRESH_PLAN.value):
            return
    submission.submit(TaskKind.REFRESH_PLAN, {})


def submit(caller: Principal) -> Submitted:
    """Have a worker make the plan anew for somebody who follows it."""
    return submit_wished(TaskKind.REFRESH_PLAN, {}, caller, NONE, None)


def freshen() -> int:
    """Make the lines anew that are not true any more, if they are few; how many are left for a worker."""
    with database.reading() as session:
        day = planning_day(session)
        stale = plan_inputs.stale_ids(session, day, MOST_AT_ONCE + 1)
        if len(stale) > MOST_AT_ONCE:
            left = plan_inputs.stale_count(session, day)
    if len(stale) <= MOST_AT_ONCE:
        refresh(stale)
        return 0
    ask_for_refresh()
    return left

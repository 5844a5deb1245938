"""Trainings and forecasts of many products by one request, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid
from siprems_backend.models import history_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services import families
from siprems_backend.services.families import Family, Part
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind, fan_out, states
from siprems_backend.services.task_registry.wishes import NONE, Wishes

MOST_TASKS = 1000
MOST_LISTED = 200
start = families.start


@dataclass(frozen=True)
class Order:
    """One of the tasks: the training of a product, or its forecast so many days ahead."""

    kind: TaskKind
    product_sku: str
    days: int | None = None

    @property
    def part(self) -> Part:
        """The task."""
        ahead = {} if self.days is None else {"forecast_days": self.days}
        return Part(self.kind, {"product_sku": self.product_sku, **ahead})


def submit(
    orders: Sequence[Order],
    caller: Principal,
    *,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Family:
    """Enter a parent and its children in the ledger, all or none.

    Raises:
        Invalid: some cannot be done; `fields` says which and why, by their place in the request. Or the
            idempotency key is malformed, or was used with another request.
        Forbidden: the priority is too high for the caller.
    """

    def parts(session: Session) -> list[Part]:
        _require_possible(session, orders)
        return [order.part for order in orders]

    asked = [[order.kind.value, order.product_sku, order.days] for order in orders]
    return families.submit(
        TaskKind.BULK, asked, parts, caller, wishes=wishes, idempotency_key=idempotency_key
    )


@fan_out.joined_by(TaskKind.BULK, results=False)
def summarise(_parent: Task, children: list[Task]) -> dict[str, Any]:
    """The result of a parent: how its children ended, and each that did not end well."""
    listed = children if len(children) <= MOST_LISTED else [c for c in children if c.status != states.SUCCESS]
    return {**families.counted(children), "results": [_outcome(child) for child in listed]}


def _outcome(child: Task) -> dict[str, Any]:
    named = {"kind": child.kind, "product_sku": child.kwargs["product_sku"]}
    return {**families.outcome(child), **named}


def _require_possible(session: Session, orders: Sequence[Order]) -> None:
    known = history_queries.known_skus(session, {order.product_sku for order in orders})
    problems: dict[str, Any] = {}
    first_places: dict[Order, int] = {}
    for place, order in enumerate(orders):
        if order.product_sku not in known:
            problems[str(place)] = {"product_sku": [f"No product with SKU '{order.product_sku}'."]}
        elif first_places.setdefault(order, place) != place:
            problems[str(place)] = {"product_sku": [f"This is the same as task {first_places[order]}."]}
    if problems:
        raise Invalid(
            f"{len(problems)} of {len(orders)} tasks cannot be done; nothing was submitted.",
            code="invalid_tasks",
            fields={"tasks": problems},
        )

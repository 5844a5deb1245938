"""The nightly watch: last night's forecasts are held against what sold, and drifted products are acted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import structlog

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import accuracy_queries, history_queries
from siprems_backend.models.accuracy_queries import Listed
from siprems_backend.models.tasks import Task
from siprems_backend.services import training_run
from siprems_backend.services.accuracy.scoring import Watched, product_columns, shop_rows
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.services.task_registry import fan_out, fence, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import new_row, submit_children
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Days
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch import scoring
from siprems_engine.forecasting.watch.scoring import Sums

log = structlog.get_logger(__name__)

# Products whose forecasts of the past are in memory together.
TOGETHER = 1000
MOST_NAMED = 20
CHUNK = TaskKind.FORECAST_SHOP_CHUNK
NOTHING_NEW = (
    "Nothing was sold or corrected since the drifted products were last forecast and trained, and the same "
    "data gives the same forecasts; they learn from every day that becomes known."
)


def start(parent_id: UUID, *, on_progress: OnProgress = unreported) -> int:
    """Score what is known by now, then act on what drifted, by children of `parent_id`; how many of these.

    Repeating it is harmless: figures are replaced, and a drift that was acted on is left alone until more
    is known of it.
    """
    score(on_progress=on_progress)
    with database.reading() as session:
        drifted = accuracy_queries.drifted_anew(session)
    children = _forecasts(parent_id, drifted) + _trainings(parent_id, drifted)
    submit_children(children)
    with database.transaction() as session:
        accuracy_queries.note_action(session, drifted)
    log.info("accuracy_watched", drifted=len(drifted), chunks=len(children))
    return len(children)


def _forecasts(parent_id: UUID, product_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Those parts of the shop's forecast that these products are in: weights follow the newest errors."""
    wanted = set(product_ids)
    return [row for row in runs.children(parent_id) if wanted & set(row["kwargs"]["product_ids"])]


def _trainings(parent_id: UUID, product_ids: Sequence[int]) -> list[dict[str, Any]]:
    size = get_settings().training_chunk_size
    return [
        new_row(
            TaskKind.TRAIN_CHUNK,
            {"product_ids": list(product_ids[place : place + size])},
            parent_id=parent_id,
            task_id=uuid5(parent_id, f"drifted {place}"),
        )
        for place in range(0, len(product_ids), size)
    ]


def score(*, on_progress: OnProgress = unreported) -> int:
    """Make the figures of all products and of the shop's days anew; how many products have any."""
    with database.reading() as session:
        sells = history_queries.open_days(session) is not None
        product_ids = accuracy_queries.remembered_products(session)
    run = _Run()
    if sells:
        for start_at in range(0, len(product_ids), TOGETHER):
            some = product_ids[start_at : start_at + TOGETHER]
            on_progress(start_at, len(product_ids), f"Scoring {len(some)} products")
            run.add(some)
    run.finish()
    return len(run.scored)


@dataclass
class _Run:
    """Products scored so far, and the sums of the shop's days."""

    scored: list[int] = field(default_factory=list)
    days: Days | None = None
    step: Step = Step.DAY
    total: Sums | None = None

    def add(self, product_ids: Sequence[int]) -> None:
        with database.reading() as session:
            watched = Watched.load(session, product_ids)
        if watched is None:
            return
        columns = product_columns(watched)
        with database.transaction() as session:
            accuracy_queries.keep_products(session, columns)
            fence.require_lease(session)
        self.scored += columns["product_id"]
        sums = scoring.of_periods(watched.newest, watched.actual)
        self.days, self.step = watched.days, watched.sold.grid.step
        self.total = sums if self.total is None else self.total.plus(sums)

    def finish(self) -> None:
        """Keep the shop's days; what nobody forecasts any more has no figures."""
        with database.transaction() as session:
            if self.days is not None and self.total is not None:
                accuracy_queries.keep_shop(session, shop_rows(self.days, self.step, self.total))
            accuracy_queries.forget_products(session, self.scored)
            fence.require_lease(session)


@fan_out.joined_by(TaskKind.ACCURACY_WATCH)
def summarise(_parent: Task, children: list[Task]) -> dict[str, Any]:
    """The result of a watch from its ended children: figures of the shop, and products to look at."""
    with database.reading() as session:
        [total] = accuracy_queries.totals(session, {})
        worst = accuracy_queries.listed(session, "worst", {}, MOST_NAMED)
        drifted = accuracy_queries.listed(session, "drifted", {}, MOST_NAMED)
        as_of = accuracy_queries.newest_day(session)
    figures = {name: value for name, value in total._mapping.items() if name != "units"}
    made, trained = runs.of_children([each for each in children if each.kind == CHUNK]), _trained(children)
    return {
        "status": "completed",
        "as_of": None if as_of is None else str(as_of),
        **{name: _rounded(value) for name, value in figures.items()},
        **trained,
        "forecast_anew": made["forecasts"],
        "forecast_unchanged": made["unchanged"],
        "note": NOTHING_NEW if children and _is_in_vain(made, trained) else None,
        "worst": [_named(each) for each in worst],
        "drifted_products": [_named(each) for each in drifted],
        "timestamp": clock.iso(clock.now()),
    }


def _trained(children: list[Task]) -> dict[str, int]:
    """How many of the drifted products were trained again, and what became of the others."""
    counts = dict.fromkeys(training_run.OUTCOMES.values(), 0)
    for child in children:
        if child.kind != TaskKind.TRAIN_CHUNK:
            continue
        if child.status == states.SUCCESS:
            for name in counts:
                counts[name] += (child.result or {})[name]
        else:
            counts["failed"] += len(child.kwargs["product_ids"])
    return counts


def _is_in_vain(made: dict[str, Any], trained: dict[str, int]) -> bool:
    """Whether all that was asked of the children turned out to be known already."""
    return not (made["forecasts"] or made["failed"] or trained["trained"] or trained["failed"])


def _named(listed: Listed) -> dict[str, Any]:
    figures = listed.figures
    return {
        "product_sku": listed.sku,
        "units": figures.units,
        "absolute_error": _rounded(figures.absolute_error),
        "wape": _rounded(figures.wape),
        "bias": _rounded(figures.bias),
        "drift": _rounded(figures.drift),
        "drift_since": None if figures.drift_since is None else str(figures.drift_since),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

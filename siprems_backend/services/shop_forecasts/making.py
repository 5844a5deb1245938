"""Making and storing the forecasts of many products together: for workers and commands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import structlog

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, TaskCancelled
from siprems_backend.extensions.database import database
from siprems_backend.models import group_forecast_queries, history_queries, shop_forecast_queries
from siprems_backend.services.accuracy.remember import NewForecast, remember
from siprems_backend.services.availability import ends_the_task, in_words
from siprems_backend.services.demand import load_demand
from siprems_backend.services.progress import OnProgress, unreported
from siprems_backend.services.shop_forecasts import by_learned
from siprems_backend.services.shop_forecasts.asked import Asked
from siprems_backend.services.shop_forecasts.groups import group_rows
from siprems_backend.services.shop_forecasts.rows import Omitted, Row
from siprems_backend.services.task_registry import fence
from siprems_engine.forecasting.shop import AUTO

log = structlog.get_logger(__name__)

GroupRow = dict[str, Any]

MOST_LISTED = 500
# Few products are forecast together with so many others.
NEIGHBOURS = 200
# After so many groups that failed the others are not searched for the product that fails them.
PATIENCE = 30
STAGES = 3


def forecast_products(product_ids: Sequence[int], *, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """Forecast these products together and store what comes out; counts, and why the others have none.

    One product that cannot be forecast never costs the others their forecast: the group is halved until it
    is alone. Products never sold are forecast from launches before them.
    """
    run = _Run(on_progress)
    run.forecast(list(product_ids))
    on_progress(STAGES - 1, STAGES, f"Storing {len(run.rows)} forecasts")
    _store(run.rows, run.groups)
    on_progress(STAGES, STAGES, "Done")
    log.info("shop_forecast", products=len(product_ids), made=len(run.rows), failed=len(run.failed))
    return {
        "forecasts": len(run.rows),
        "unchanged": run.unchanged,
        "failed": len(run.failed),
        "never_sold": run.never_sold,
        "reasons": dict(list(run.failed.items())[:MOST_LISTED]),
    }


def forecast_with_neighbours(
    product_ids: Collection[int], engine: str = AUTO, *, on_progress: OnProgress = unreported
) -> None:
    """Make the forecasts of a few products, with others of their categories to learn from; theirs stay.

    A learned model forecasts these others as well.
    """
    with database.reading() as session:
        ids = shop_forecast_queries.with_neighbours(session, product_ids, NEIGHBOURS)
    if engine != AUTO:
        by_learned.forecast_active(ids, engine)
        return
    run = _Run(on_progress)
    run.forecast(list(ids))
    asked = set(product_ids)
    _store([row for row in run.rows if row[0] in asked])


def _store(rows: Sequence[Row], groups: Sequence[GroupRow] = ()) -> None:
    with database.transaction() as session:
        shop_forecast_queries.store(session, rows)
        group_forecast_queries.store(session, groups)
        remember(session, map(_made_now, rows))
        fence.require_lease(session)


def _made_now(row: Row) -> NewForecast:
    """The part of a row that will be held against what sells."""
    made = dict(zip(shop_forecast_queries.COLUMNS, row, strict=True))
    return NewForecast(
        made["product_id"],
        made["origin"],
        made["step_days"],
        made["champion"],
        made["mean"],
        made["quantiles"],
    )


class _Run:
    """Rows made so far, of products and of their categories, and the products that have none."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.rows: list[Row] = []
        self.groups: list[GroupRow] = []
        self.failed: dict[str, str] = {}
        self.never_sold = self.unchanged = 0
        self._groups_failed = 0
        self._report = on_progress

    def forecast(self, product_ids: list[int]) -> None:
        """Forecast a group, or its halves where it fails as a whole."""
        try:
            self._forecast(product_ids)
        except TaskCancelled:
            raise
        except Invalid:
            # Without a sale in the whole shop there is nothing to forecast.
            self.never_sold += len(product_ids)
        except Exception as error:
            if ends_the_task(error):
                raise
            self._groups_failed += 1
            if len(product_ids) > 1 and self._groups_failed <= PATIENCE:
                log.warning("shop_forecast_halved", products=len(product_ids), error=str(error))
                middle = len(product_ids) // 2
                self.forecast(product_ids[:middle])
                self.forecast(product_ids[middle:])
            else:
                log.exception("shop_forecast_failed", products=len(product_ids))
                self._give_up(product_ids, in_words(error))

    def _forecast(self, product_ids: Sequence[int]) -> None:
        self._report(0, STAGES, f"Reading what {len(product_ids)} products sold")
        horizon = get_settings().forecast_horizon_days
        joining = by_learned.joining()
        with database.reading() as session:
            # A horizon in days is one in weeks and more, where the shop sells by the week.
            demand = load_demand(session, product_ids, horizon, prices=joining is not None)
        if not demand.product_ids:
            return
        self._report(1, STAGES, f"Forecasting {len(demand.product_ids)} products together")
        asked = Asked(demand, demand.grid.step.periods(horizon), (AUTO,), joining)
        if answered := self._answered(asked):
            # The same data gives the same forecasts.
            self.unchanged += answered
            return
        made = asked.made()
        self.groups += group_rows(made)
        for each in made.rows():
            if not isinstance(each, Omitted):
                self.rows.append(each)
            elif each.never_sold:
                self.never_sold += 1
            else:
                self.failed[each.sku] = each.reason

    def _answered(self, asked: Asked) -> int:
        """How many stored forecasts were made from just this."""
        with database.reading() as session:
            ids = asked.demand.product_ids
            return asked.answered_by(shop_forecast_queries.made_from(session, ids, asked.data_hash))

    def _give_up(self, product_ids: Sequence[int], reason: str) -> None:
        with database.reading() as session:
            products = history_queries.products_by_id(session, product_ids)
        self.failed |= {product.sku: reason for product in products}

"""Forecasts of the past for many products, one after the other; only sums and a few series are held."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import structlog

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import seller_queries
from siprems_backend.models.seller_queries import Seller
from siprems_backend.services.demand import Demand, load_demand
from siprems_backend.services.histories import Shop, load_histories, load_shop
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.tool_runner.shop_filters import require_products
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.services.tools.forecast_accuracy.findings import (
    Findings,
    Period,
    Review,
    Series,
    Totals,
)
from siprems_engine.forecasting.errors import EngineError
from siprems_engine.forecasting.forecast import PROPHET
from siprems_engine.forecasting.rolling import Origin, Past, naive_figures, served_figures
from siprems_engine.forecasting.shop import AUTO
from siprems_engine.forecasting.shop.served import serve_shop

log = structlog.get_logger(__name__)

LOADED_TOGETHER = {PROPHET: 100, AUTO: 500}
# Products shown with a chart of their own: those whose forecasts missed the most units.
CHARTED = 12
OnProduct = Callable[[Seller, Sequence[Origin]], None]


def measure(parameters: Parameters, on_product: OnProduct, on_progress: OnProgress) -> Findings:
    """Roll the forecasts of the products asked for; `on_product` gets each one's as they are made.

    Raises:
        NotFound: one of the SKUs is no product.
        Invalid: there are no sales to compare with.
    """
    if "product_skus" in parameters:
        require_products(parameters["product_skus"])
    with database.reading() as session:
        shop = load_shop(session)
    period = _period(shop, parameters)
    sellers = _sellers(period, parameters)
    tally = _Tally(period)
    for seller, origins in _rolled(sellers, _Roll(shop, period, parameters["engine"]), on_progress):
        if origins:
            on_product(seller, origins)
        tally.add(seller, origins)
    on_progress(len(sellers), len(sellers), "Writing the report")
    return tally.findings(parameters)


class _Tally:
    """What is known after each product: sums of all, figures of each, and the series that missed most."""

    def __init__(self, period: Period) -> None:
        self._period = period
        self._totals = Totals.empty(period)
        self._reviews: list[Review] = []
        self._charted: list[tuple[float, int, Series]] = []
        self._left_out: list[str] = []

    def add(self, seller: Seller, origins: Sequence[Origin]) -> None:
        """Add a product; one without forecasts is only named."""
        if not origins:
            self._left_out.append(seller.sku)
            return
        series = Series.of(seller, origins)
        review = _review(seller, origins, series)
        self._totals.add(series)
        self._reviews.append(review)
        # The place decides between equals, for series have no order.
        heapq.heappush(self._charted, (review.missed, -len(self._reviews), series))
        if len(self._charted) > CHARTED:
            heapq.heappop(self._charted)

    def findings(self, parameters: Parameters) -> Findings:
        """All of it.

        Raises:
            Invalid: no product had a forecast.
        """
        if not self._reviews:
            problem = "None of the products has sales from before the first forecast."
            raise Invalid(problem, code="not_enough_data")
        worst = [series for *_, series in sorted(self._charted, key=lambda entry: entry[:2], reverse=True)]
        return Findings(self._period, parameters, self._reviews, self._totals, worst, self._left_out)


def _period(shop: Shop, parameters: Parameters) -> Period:
    """The days to look at, in whole forecasts up to the shop's last day with sales."""
    if not len(shop.open_days):
        raise Invalid("There are no sales yet; record or import sales first.", code="not_enough_data")
    horizon = shop.step.periods(parameters["horizon"])
    origins = max(1, shop.step.periods(parameters["days_back"]) // horizon)
    return Period(shop.open_days[-1], shop.step, horizon, origins)


def _sellers(period: Period, parameters: Parameters) -> Sequence[Seller]:
    skus = parameters.get("product_skus")
    with database.reading() as session:
        sellers = seller_queries.best_sellers(
            session,
            period.first.astype(object),
            parameters["products"] if skus is None else len(skus),
            skus=skus,
            category=parameters.get("category"),
        )
    if not sellers:
        raise Invalid("No product with sales in this time matches; widen the filter.", code="no_products")
    return sellers


@dataclass(frozen=True, eq=False)
class _Roll:
    """How forecasts are made again."""

    shop: Shop
    period: Period
    engine: str

    def pasts(self, sellers: Sequence[Seller]) -> dict[int, Past]:
        """What is known of each product, by its place."""
        with database.reading() as session:
            histories = load_histories(session, [seller.id for seller in sellers], self.shop)
        return {
            place: Past(histories[seller.id], self.shop.events, self.shop.open_days, self.period.last)
            for place, seller in enumerate(sellers)
        }

    def together(self, sellers: Sequence[Seller]) -> Demand | None:
        """The same of all together, where one model forecasts them all."""
        if self.engine != AUTO:
            return None
        with database.reading() as session:
            return load_demand(session, [seller.id for seller in sellers], self.period.horizon)


def _rolled(
    sellers: Sequence[Seller], roll: _Roll, on_progress: OnProgress
) -> Iterator[tuple[Seller, list[Origin]]]:
    """The forecasts of each product, made for many products together."""
    size = LOADED_TOGETHER[roll.engine]
    for start in range(0, len(sellers), size):
        together = sellers[start : start + size]
        report = _part_of(on_progress, start, len(together), len(sellers), roll.period.origins)
        yield from zip(together, _together(together, roll, report), strict=True)


def _together(
    sellers: Sequence[Seller], roll: _Roll, report: Callable[[int, str], None]
) -> list[list[Origin]]:
    """Cut-off by cut-off, for then what all products share is made once for all of them."""
    pasts, demand, horizon = roll.pasts(sellers), roll.together(sellers), roll.period.horizon
    row = {} if demand is None else {product_id: n for n, product_id in enumerate(demand.product_ids)}
    made: list[list[Origin]] = [[] for _ in sellers]
    for number, cutoff in enumerate(roll.period.cutoffs):
        report(number * len(sellers), sellers[0].sku)
        # Before the calendar begins nothing was known of any product.
        early = demand is None or cutoff < demand.grid.days[0]
        pooled = None if demand is None or early else serve_shop(demand.grid, cutoff, horizon)
        for place, past in list(pasts.items()):
            report(number * len(sellers) + place, sellers[place].sku)
            try:
                serve = None if pooled is None else partial(pooled.of, row[sellers[place].id])
                origin = past.origin(cutoff, horizon, serve)
            except EngineError as problem:
                # One bad product never fails the others.
                log.warning("not_forecast", sku=sellers[place].sku, problem=str(problem))
                del pasts[place]
                made[place].clear()
                continue
            if origin is not None:
                made[place].append(origin)
    return made


def _part_of(
    on_progress: OnProgress, start: int, part: int, whole: int, origins: int
) -> Callable[[int, str], None]:
    """Progress of some of the products, in forecasts, as progress of all of them, in products."""

    def report(forecasts: int, sku: str) -> None:
        done = start + forecasts // origins
        on_progress(min(done, start + part), whole, f"Forecasting {sku}")

    return report


def _review(seller: Seller, origins: Sequence[Origin], series: Series) -> Review:
    engines = list(dict.fromkeys(origin.served.engine for origin in origins))
    return Review(
        seller,
        served_figures(origins),
        naive_figures(origins),
        units=float(series.actual.sum()),
        missed=float(np.abs(series.actual - series.yhat).sum()),
        naive_missed=float(np.abs(series.actual - series.naive).sum()),
        forecasts=len(origins),
        engine=" and ".join(engines),
    )

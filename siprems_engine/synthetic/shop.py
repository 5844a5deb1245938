"""A whole invented shop: its tables as arrays, and the truth they were drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.synthetic import demand, ordering
from siprems_engine.synthetic.assortment import PRODUCTS
from siprems_engine.synthetic.demand import Days, Flags, Floats
from siprems_engine.synthetic.events import ShopEvent, events_between
from siprems_engine.synthetic.outlook import PLANNED_AHEAD_DAYS, Outlook, promotion_columns
from siprems_engine.synthetic.product import ProductTruth
from siprems_engine.synthetic.shelf import run_shelf

Columns = Mapping[str, NDArray[Any]]

TWO_YEARS = 730
KNOWN_AHEAD_DAYS = 400
PROMOTION_PRICE = 0.8
RETURNED_AFTER_DAYS = 4


@dataclass(frozen=True, eq=False)
class ShopTruth:
    """What a forecaster would like to know. Matrices are (products, days).

    Attributes:
        products: parameters of each product, in the order of the rows.
        days: the days of the columns.
        events: events in and after the history.
        promo: promotion days.
        expected: mean demand if the shelf were always full; 0 on days on which the shop is shut.
        demand: what customers asked for, drawn around `expected`.
        sold: what they got: less than `demand` where the shelf was empty.
        left: stock at the end of the day.
        closed: (days,) whether the shop was shut.
        outlook: the weeks after the history.
    """

    products: Sequence[ProductTruth]
    days: Days
    events: Sequence[ShopEvent]
    promo: Flags
    expected: Floats
    demand: Floats
    sold: Floats
    left: Floats
    closed: Flags
    outlook: Outlook

    @property
    def censored(self) -> Flags:
        """Product-days on which somebody went away empty-handed."""
        return self.sold < self.demand

    def row(self, sku: str) -> int:
        """Row of a product in the matrices.

        Raises:
            KeyError: no such product.
        """
        for place, product in enumerate(self.products):
            if product.sku == sku:
                return place
        raise KeyError(sku)


@dataclass(frozen=True, eq=False)
class Shop:
    """The shop's tables, each a mapping of equally long columns named as in import files, and the truth."""

    products: Columns
    sales: Columns
    stock: Columns
    events: Columns
    promotions: Columns
    suppliers: Columns
    replenishment: Columns
    truth: ShopTruth


def generate_shop(last_day: dt.date, *, days: int = TWO_YEARS, seed: int = 20) -> Shop:
    """Invent a shop whose history ends on `last_day`; the same arguments give the same shop.

    Every product draws from a random stream of its own, so that changing one leaves the others as they are.

    Raises:
        ValueError: a history of less than 60 days, in which the planted effects would not fit.
    """
    if days < 60:
        raise ValueError("The history of a shop needs at least 60 days.")
    span = demand.to_days(last_day - dt.timedelta(days=days - 1), days + PLANNED_AHEAD_DAYS)
    events = events_between(span[0].item(), last_day + dt.timedelta(days=KNOWN_AHEAD_DAYS))
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(len(PRODUCTS))]
    truth, plan = _truth(span, events, streams)
    returned = np.stack([_returns(p, s, r) for p, s, r in zip(PRODUCTS, truth.sold, streams, strict=True)])
    return Shop(
        products=_product_columns(truth),
        sales=_sale_columns(truth, returned),
        stock=_stock_columns(truth),
        events=_event_columns(events),
        promotions=promotion_columns(PRODUCTS, span, plan),
        suppliers=ordering.columns(ordering.SUPPLIERS, ordering.SUPPLIER_COLUMNS),
        replenishment=ordering.columns(ordering.PARAMETERS, ordering.PARAMETER_COLUMNS),
        truth=truth,
    )


def _truth(
    span: Days, events: Sequence[ShopEvent], streams: Sequence[np.random.Generator]
) -> tuple[ShopTruth, Flags]:
    """The truth, and the promotions (products, span) of the history and the weeks planned ahead."""
    days, ahead = span[:-PLANNED_AHEAD_DAYS], span[-PLANNED_AHEAD_DAYS:]
    plan, mean, asked, sold, left = [], [], [], [], []
    for product, random in zip(PRODUCTS, streams, strict=True):
        plan.append(demand.promotions(product, span, random))
        mean.append(demand.expected_demand(product, span, plan[-1], events, days[-1]))
        expected = mean[-1][: len(days)]
        asked.append(demand.draw_demand(product, expected, random))
        shelf = run_shelf(product, asked[-1], expected)
        sold.append(shelf.sold)
        left.append(shelf.left)
    promo, expected = np.stack(plan), np.stack(mean)
    truth = ShopTruth(
        products=PRODUCTS,
        days=days,
        events=events,
        promo=promo[:, : len(days)],
        expected=expected[:, : len(days)],
        demand=np.stack(asked),
        sold=np.stack(sold),
        left=np.stack(left),
        closed=np.isin(days, [np.datetime64(event.date) for event in events if event.closed]),
        outlook=Outlook(ahead, promo[:, len(days) :], expected[:, len(days) :]),
    )
    return truth, promo


def _returns(product: ProductTruth, sold: Floats, random: np.random.Generator) -> Floats:
    """Units that came back on each day (n,), some days after they were sold."""
    back = np.zeros(len(sold))
    if product.return_share:
        units = random.binomial(sold.astype(np.int64), product.return_share)
        back[RETURNED_AFTER_DAYS:] = units[:-RETURNED_AFTER_DAYS]
    return back


def _product_columns(truth: ShopTruth) -> Columns:
    products = truth.products
    return {
        "sku": np.array([product.sku for product in products]),
        "name": np.array([product.name for product in products]),
        "category": np.array([product.category for product in products]),
        "unit": np.array([product.unit for product in products]),
        "price": np.array([product.price for product in products]),
        "cost": np.array([product.cost for product in products]),
        "stock": truth.left[:, -1],
    }


def _sale_columns(truth: ShopTruth, returned: Floats) -> Columns:
    """A row for every day with a sale and for every promotion day; returns are rows of their own."""
    row, day = np.nonzero((truth.sold > 0) | (truth.promo & (truth.expected > 0)))
    back_row, back_day = np.nonzero((returned > 0) & ~truth.closed)
    place, when = np.concatenate([row, back_row]), np.concatenate([day, back_day])
    is_promo = np.concatenate([truth.promo[row, day], np.zeros(len(back_row), dtype=np.bool_)])
    price = np.array([product.price for product in truth.products])[place]
    return {
        "sku": np.array([product.sku for product in truth.products])[place],
        "date": truth.days[when],
        "quantity": np.concatenate([truth.sold[row, day], -returned[back_row, back_day]]),
        "unit_price": np.round(np.where(is_promo, PROMOTION_PRICE * price, price), 2),
        "is_promo": is_promo,
        "reference": np.array([None] * len(row) + ["return"] * len(back_row), dtype=object),
    }


def _stock_columns(truth: ShopTruth) -> Columns:
    """Levels of every day on which a product was on the shelf or could be ordered."""
    row, day = np.nonzero(truth.expected > 0)
    return {
        "sku": np.array([product.sku for product in truth.products])[row],
        "date": truth.days[day],
        "stock_on_hand": truth.left[row, day],
    }


def _event_columns(events: Sequence[ShopEvent]) -> Columns:
    return {
        "name": np.array([event.name for event in events]),
        "date": np.array([event.date for event in events], dtype="datetime64[D]"),
        "type": np.array([event.type for event in events]),
        "include_in_prediction": np.ones(len(events), dtype=np.bool_),
    }

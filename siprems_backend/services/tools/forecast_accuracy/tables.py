"""The tables beside the report, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from siprems_backend.models.seller_queries import Seller
from siprems_backend.services.export_files import Column, csv_chunks
from siprems_backend.services.tools.forecast_accuracy.findings import Review
from siprems_engine.forecasting.rolling import Figures, Origin

FIGURES = ("wape", "bias", "mase", "rmsse", "pinball", "coverage")
PRODUCT_COLUMNS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("units", "number"),
    Column("missed", "number"),
    *(Column(name, "number") for name in FIGURES),
    Column("naive_missed", "number"),
    *(Column(f"naive_{name}", "number") for name in FIGURES),
    Column("forecasts", "number"),
    Column("engine", "text"),
)
DAY_COLUMNS = (
    Column("sku", "text"),
    Column("forecast_made_after", "date"),
    Column("date", "date"),
    Column("actual", "number"),
    Column("forecast", "number"),
    Column("lower", "number"),
    Column("upper", "number"),
    Column("naive", "number"),
    Column("engine", "text"),
)
DECIMALS = 4


def write_products(file: BinaryIO, reviews: Sequence[Review]) -> None:
    """Write the figures of every product."""
    for chunk in csv_chunks(PRODUCT_COLUMNS, [[_product_row(review) for review in reviews]]):
        file.write(chunk)


class DayTable:
    """Writes every forecast day of every product, product by product."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._batch: list[list[Any]] = []
        self._chunks = csv_chunks(DAY_COLUMNS, self._batches())
        file.write(next(self._chunks))

    def add(self, seller: Seller, origins: Sequence[Origin]) -> None:
        """Write a product's days."""
        self._batch = [row for origin in origins for row in _day_rows(seller, origin)]
        self._file.write(next(self._chunks))

    def _batches(self) -> Iterator[list[list[Any]]]:
        while True:
            yield self._batch


def _product_row(review: Review) -> list[Any]:
    seller = review.seller
    return [
        seller.sku,
        seller.name,
        seller.category,
        review.units,
        round(review.missed, DECIMALS),
        *_figures(review.served),
        round(review.naive_missed, DECIMALS),
        *_figures(review.naive),
        review.forecasts,
        review.engine,
    ]


def _figures(figures: Figures) -> list[float]:
    return [round(getattr(figures, name), DECIMALS) for name in FIGURES]


def _day_rows(seller: Seller, origin: Origin) -> Iterator[list[Any]]:
    served = origin.served
    columns = (origin.actual, served.yhat, served.lower, served.upper, origin.naive.yhat)
    for place, day in enumerate(origin.ds):
        values = [round(float(column[place]), DECIMALS) for column in columns]
        yield [seller.sku, origin.cutoff.astype(object), day.astype(object), *values, served.engine]

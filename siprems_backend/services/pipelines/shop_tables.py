"""The shop's sales and forecasts as frames. Workers only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import shop_table_queries
from siprems_backend.services import exports
from siprems_backend.services.histories import load_shop
from siprems_backend.services.pipelines import shop_columns
from siprems_engine.pipelines import SourceError

if TYPE_CHECKING:
    from pandas import DataFrame

Days = np.ndarray[Any, np.dtype[np.datetime64]]


def sales_frame(
    *, skus: Collection[str] | None, category: str | None, first: dt.date | None, last: dt.date | None
) -> DataFrame:
    """One row for each product and day the shop was open, from the product's first sale on.

    Days without a sale have the quantity 0. `price` is what a unit brought that day, on days without a sale
    what it brought the last time, before the first paid sale that of the catalogue. Ordered by product and
    date. Raises `SourceError` if there is no such product or nothing was sold.
    """
    import pandas as pd

    with database.reading() as session:
        products = shop_table_queries.products(session, skus, category)
        if not products:
            raise SourceError("There is no such product.", "category" if category else "skus")
        open_days = load_shop(session).open_days
        rows = shop_table_queries.daily_rows(session, [product.id for product in products], first, last)
        sold = pd.DataFrame(rows, columns=["product_id", "date", "quantity", "promo", "revenue"])
    if sold.empty:
        raise SourceError("Nothing was sold of these products on these days.", "from" if first else "skus")
    sold["date"] = pd.to_datetime(sold["date"])
    return _filled(sold, products, _span(open_days, first, last))


def forecast_frame(*, skus: Collection[str] | None, category: str | None, days: int) -> DataFrame:
    """The stored forecasts, one row for each product and day (or week), up to `days` days ahead.

    Ordered by product and date. Raises `SourceError` if nothing is stored.
    """
    import pandas as pd

    rows = list(exports.forecast_rows(skus=skus, category=category, days=days))
    if not rows:
        raise SourceError("No forecast of these products is stored; train or forecast them first.", "skus")
    frame = pd.DataFrame(rows, columns=list(shop_columns.FORECAST))
    return frame.assign(date=pd.to_datetime(frame["date"]))


def _span(open_days: Days, first: dt.date | None, last: dt.date | None) -> Days:
    low = open_days[0] if first is None else np.datetime64(first)
    high = open_days[-1] if last is None else np.datetime64(last)
    return open_days[(open_days >= low) & (open_days <= high)]


def _filled(sold: DataFrame, products: Any, open_days: Days) -> DataFrame:
    """Add the days without a sale, and what is known of the products."""
    import pandas as pd

    about = pd.DataFrame(
        [(each.id, each.sku, each.category, each.price, each.first_sale) for each in products],
        columns=["product_id", "sku", "category", "list_price", "first_sale"],
    )
    grid = _grid(about, open_days)
    frame = grid.merge(sold, on=["product_id", "date"], how="outer", sort=True)
    frame = frame.merge(about.drop(columns="first_sale"), on="product_id", how="left")
    frame = frame.fillna({"quantity": 0.0, "revenue": 0.0}).assign(promo=frame["promo"].eq(True))
    paid = (frame["revenue"] / frame["quantity"]).where((frame["quantity"] > 0) & (frame["revenue"] > 0))
    price = paid.groupby(frame["product_id"]).ffill().fillna(frame["list_price"])
    return frame.assign(price=price.astype(float))[list(shop_columns.SALES_HISTORY)]


def _grid(about: DataFrame, open_days: Days) -> DataFrame:
    """Each product on each open day since its first sale."""
    import pandas as pd

    starts = np.searchsorted(open_days, pd.to_datetime(about["first_sale"]).to_numpy())
    starts = np.where(about["first_sale"].isna(), len(open_days), starts)
    counts = len(open_days) - starts
    places = np.concatenate([np.arange(start, len(open_days)) for start in starts])
    dates = pd.to_datetime(open_days[places])
    return pd.DataFrame({"product_id": np.repeat(about["product_id"].to_numpy(), counts), "date": dates})

"""Forecasts from stored models, without the training libraries: for the web process and the workers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import structlog

from siprems_backend.services.histories import Shop
from siprems_backend.services.model_repository import open_store
from siprems_backend.services.stores.model_store import Stamp
from siprems_engine.forecasting import window_average
from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.evaluator import LinearGrowthModel
from siprems_engine.forecasting.forecast import PROPHET, WINDOW_AVERAGE, Forecast, ServingMeta, forecast
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.series import DailyHistory, Days
from siprems_engine.forecasting.train import Trained

log = structlog.get_logger(__name__)

MOST_CACHED = 2000


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready to forecast: its parameters, how to serve it, and its metadata as stored."""

    model: LinearGrowthModel
    serving: ServingMeta
    meta: dict[str, Any]

    @property
    def is_seasonal(self) -> bool:
        """Whether the model itself answers; otherwise the average does, made anew from the latest days."""
        return self.serving.engine == PROPHET


class _ModelCache:
    """Parsed models by SKU, valid while their files stay the same; the least recently used leave first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[tuple[Stamp, Stamp | None], LoadedModel | None]] = OrderedDict()
        self._lock = Lock()

    def get(self, sku: str, stamp: tuple[Stamp, Stamp | None]) -> tuple[bool, LoadedModel | None]:
        with self._lock:
            entry = self._entries.get(sku)
            if entry is None or entry[0] != stamp:
                return False, None
            self._entries.move_to_end(sku)
            return True, entry[1]

    def put(self, sku: str, stamp: tuple[Stamp, Stamp | None], loaded: LoadedModel | None) -> None:
        with self._lock:
            self._entries[sku] = (stamp, loaded)
            self._entries.move_to_end(sku)
            while len(self._entries) > MOST_CACHED:
                self._entries.popitem(last=False)


_cache = _ModelCache()


def load_model(sku: str) -> LoadedModel | None:
    """The product's model, or its last good version when the file is corrupt; None when there is none."""
    store = open_store()
    stamp = store.stamp(sku)
    if stamp is None:
        return None
    known, loaded = _cache.get(sku, stamp)
    if known:
        return loaded
    for candidate in store.candidates(sku):
        try:
            model = parse(candidate.data)
        except (CorruptModel, UnsupportedModel) as problem:
            log.warning("model_unusable", sku=sku, problem=str(problem))
            continue
        loaded = LoadedModel(model, ServingMeta.from_dict(candidate.meta), candidate.meta)
        break
    _cache.put(sku, stamp, loaded)
    return loaded


def forecast_days(loaded: LoadedModel, days: Days) -> Forecast:
    """Forecast the product of a model that serves itself."""
    return forecast(loaded.model, loaded.serving, days)


def average_forecast(history: DailyHistory, shop: Shop, days: Days) -> Forecast:
    """Forecast by the average of the last weeks: for products without a sane model; needs one sale."""
    average = window_average.fit(history, shop.open_days, shop.open_days[-1] if len(shop.open_days) else None)
    meta = ServingMeta(ceiling=plausible_ceiling(history), engine=WINDOW_AVERAGE, fallback=average)
    return forecast(None, meta, days)


def horizon(shop: Shop, days: int) -> Days:
    """The days to forecast, (days,): from the one after the shop's last sale on."""
    first = shop.first_forecast_day
    if first is None:
        raise ValueError("a shop without sales has no first day to forecast")
    return first + np.arange(days)


def stored_row(trained: Trained, shop: Shop, days: int) -> dict[str, Any] | None:
    """Column values of the stored forecast of a newly trained product."""
    if trained.artifact is None or shop.first_forecast_day is None:
        return None
    made = forecast(parse(trained.artifact), ServingMeta.from_dict(trained.meta), horizon(shop, days))
    return as_row(made)


def as_row(made: Forecast) -> dict[str, Any]:
    """Column values of a forecast."""
    return {
        "engine": made.engine,
        "start_date": made.ds[0].astype(object),
        "yhat": made.yhat.tolist(),
        "lower": made.lower.tolist(),
        "upper": made.upper.tolist(),
    }

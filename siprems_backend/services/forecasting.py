"""Forecasts from stored models, without the training libraries: for the web process and the workers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
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
from siprems_engine.forecasting.bulk import forecast_many
from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.evaluator import LinearGrowthModel
from siprems_engine.forecasting.forecast import PROPHET, WINDOW_AVERAGE, Forecast, ServingMeta, forecast
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.series import DailyHistory, Days, Floats
from siprems_engine.forecasting.step import Step

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
    if not known:
        loaded = read_model(sku)
        _cache.put(sku, stamp, loaded)
    return loaded


def read_model(sku: str) -> LoadedModel | None:
    """The same, read from its file and not cached: for whoever goes through all products once."""
    for candidate in open_store().candidates(sku):
        try:
            model = parse(candidate.data)
        except (CorruptModel, UnsupportedModel) as problem:
            log.warning("model_unusable", sku=sku, problem=str(problem))
            continue
        return LoadedModel(model, ServingMeta.from_dict(candidate.meta), candidate.meta)
    return None


def forecast_days(loaded: LoadedModel, days: Days) -> Forecast:
    """Forecast the product of a model that serves itself."""
    return forecast(loaded.model, loaded.serving, days)


def path_of(sku: str) -> Callable[[Days], Floats | None]:
    """What the product's own model says of any days, (n,) units; None where there is no sane one."""

    def path(days: Days) -> Floats | None:
        loaded = load_model(sku)
        return forecast_days(loaded, days).yhat if loaded is not None and loaded.is_seasonal else None

    return path


def average_forecast(history: DailyHistory, shop: Shop, days: Days) -> Forecast:
    """Forecast by the average of the last weeks: for products without a sane model; needs one sale."""
    return forecast(None, average_serving(history, shop), days)


def average_serving(history: DailyHistory, shop: Shop) -> ServingMeta:
    """What the average of a product's last weeks is served with; needs one sale."""
    average = window_average.fit(history, shop.open_days, shop.open_days[-1] if len(shop.open_days) else None)
    ceiling = plausible_ceiling(history)
    return ServingMeta(ceiling=ceiling, engine=WINDOW_AVERAGE, fallback=average, step=history.step)


Served = tuple[LinearGrowthModel | None, ServingMeta]


def forecast_rows(
    served: Mapping[int, Served], shop: Shop, days: int
) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """Forecasts of many products by product id, as column values, and why the others have none.

    All of one step are made in one call, for the periods after the shop's last sale.
    """
    rows: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    for step in Step:
        ids = [key for key, (_, serving) in served.items() if serving.step is step]
        first = shop.first_day(step)
        if not ids or first is None:
            continue
        ds = first + step.days * np.arange(step.periods(days))
        models, servings = zip(*(served[key] for key in ids), strict=True)
        made = forecast_many(models, servings, ds)
        problems |= {ids[place]: problem for place, problem in made.problems.items()}
        for place, key in enumerate(ids):
            if place not in made.problems:
                values = made.yhat[place], made.lower[place], made.upper[place]
                rows[key] = _row(made.engines[place], ds, step, values)
    return rows, problems


def as_row(made: Forecast) -> dict[str, Any]:
    """Column values of a forecast."""
    return _row(made.engine, made.ds, made.step, (made.yhat, made.lower, made.upper))


def _row(engine: str, ds: Days, step: Step, values: tuple[Floats, Floats, Floats]) -> dict[str, Any]:
    yhat, lower, upper = (each.tolist() for each in values)
    return {
        "engine": engine,
        "start_date": ds[0].astype(object),
        "step_days": step.days,
        "yhat": yhat,
        "lower": lower,
        "upper": upper,
    }

"""The call that forecasts a whole shop: engines, weights, calibration, quantiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop import new_products, weights
from siprems_engine.forecasting.shop.backtest import Backtest, backtest
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines import AUTO, ENGINES, MakeEngine, members
from siprems_engine.forecasting.shop.engines.engine import ShopEngine
from siprems_engine.forecasting.shop.panel import Flags, Panel
from siprems_engine.forecasting.shop.quantiles import LEVELS, PastForecast, Spread
from siprems_engine.forecasting.shop.schedule import ENOUGH, Schedule
from siprems_engine.forecasting.shop.totals import totals
from siprems_engine.forecasting.shop.weights import Trial

# How far the sum of the blend is drawn to the sum of what sold lately, by which factors at most, and how
# many products it takes to believe half of it. Older origins count less, by half after so many. No product
# counts for more than so many usual ones: fuel by the litre beside bread by the piece would decide alone.
CALIBRATED = 0.5
CALIBRATION_RANGE = (0.75, 1.3)
CALIBRATION_PRODUCTS = 10.0
CALIBRATION_HALF_LIFE = 4.0
LARGEST_SHARE = 100.0


@dataclass(frozen=True, eq=False)
class ShopForecast:
    """Units of N products over H periods.

    `mean` (N, H) and `quantiles` (N, H, 7) at `LEVELS` are per period, `totals` (N, H, 7) are quantiles of
    the sum over the open ones of the first 1 to H periods. `weights` (N, versions) tells how far each of
    `versions`, by `engines`, served a product, and `backtest` how good that was in the past. `past` are the
    forecasts that this is judged by, the latest first, each made after a day of `origins`.
    """

    mean: Floats
    quantiles: Floats
    totals: Floats
    weights: Floats
    versions: tuple[str, ...]
    engines: tuple[str, ...]
    backtest: Backtest
    past: Sequence[PastForecast]
    origins: Days

    def shares(self) -> dict[str, Floats]:
        """Return each engine's part in the forecast of every product, (N,)."""
        names = np.array(self.engines)
        return {name: self.weights[:, names == name].sum(axis=1) for name in dict.fromkeys(self.engines)}


def unheard() -> None:
    """Nobody wants to know that work goes on."""


def forecast_shop(
    panel: Panel,
    engines: Sequence[str] = (AUTO,),
    open_ahead: Flags | None = None,
    *,
    more: Mapping[str, MakeEngine] | None = None,
    on_step: Callable[[], None] = unheard,
) -> ShopForecast:
    """Forecast all products by one engine or a blend of several.

    `open_ahead` (H,) tells on which of the future periods the shop will be open (None: on all); totals are
    of these. New products are forecast from launches before them. `more` are engines that can be named beside
    those of this package, learned ones above all. `on_step` is called every so often, and may raise. Raises
    `UnknownEngine`.
    """
    known = {**ENGINES, **(more or {})}
    names = members(engines, known)
    if not panel.products:
        return _nothing(panel.horizon)
    panel = panel.recent()
    basis = Basis(panel, Schedule(panel))
    with np.errstate(over="ignore", under="ignore"):
        made = _Blend(basis, {name: known[name] for name in names}, on_step).forecast(open_ahead)
        return new_products.apply(made, basis, open_ahead)


def _nothing(horizon: int) -> ShopForecast:
    """Return the forecast of a shop without products."""
    none, spread = np.zeros(0), np.zeros((0, horizon, len(LEVELS)))
    figures = Backtest(none, none, none, none, none, none)
    return ShopForecast(
        np.zeros((0, horizon)),
        spread,
        spread,
        np.zeros((0, 1)),
        (AUTO,),
        (AUTO,),
        figures,
        (),
        np.zeros(0, dtype="datetime64[D]"),
    )


class _Blend:
    """Several engines on one basis."""

    def __init__(self, basis: Basis, engines: Mapping[str, MakeEngine], on_step: Callable[[], None]) -> None:
        self._basis, self._on_step = basis, on_step
        made = {name: make(basis) for name, make in engines.items()}
        self._made = {name: engine for name, engine in made.items() if engine.versions}
        if not self._made:
            # A shop too young for the engine asked for is still forecast.
            self._made = {"smoother": ENGINES["smoother"](basis)}

    def forecast(self, open_ahead: Flags | None) -> ShopForecast:
        """Weigh, calibrate and spread."""
        versions = tuple(version for engine in self._made.values() for version in engine.versions)
        engines = tuple(name for name, engine in self._made.items() for _ in engine.versions)
        schedule = self._basis.schedule
        trials = [self._trial(origin) for origin in schedule.judged]
        compared = [
            replace(trial, weight=weight) for trial, weight in zip(trials, schedule.weights, strict=False)
        ]
        chosen = weights.choose(compared, self._basis.panel.products, engines)
        past = [
            PastForecast(_weighted(chosen, trial.forecasts), np.where(trial.judged, trial.actual, np.nan))
            for trial in trials
        ]
        # A single engine that was asked for says what it says.
        factor = _calibration(past[: len(schedule.blocks[0])]) if past and len(self._made) > 1 else 1.0
        past = [PastForecast(each.forecast * factor, each.actual) for each in past]
        mean = factor * _weighted(chosen, self._forecasts(self._basis.panel.last))
        spread = Spread(past, *mean.shape)
        return ShopForecast(
            mean,
            spread.quantiles(mean),
            totals(mean, past, open_ahead),
            chosen,
            versions,
            engines,
            backtest(self._basis.panel, past[: len(compared)], spread),
            past,
            self._basis.panel.days[schedule.judged],
        )

    def _trial(self, origin: int) -> Trial:
        ahead = self._basis.panel.ahead(origin)
        actual = self._basis.panel.units[:, ahead]
        return Trial(actual, self._forecasts(origin), self._basis.history_is_enough(origin, ENOUGH))

    def _forecasts(self, origin: int) -> Floats:
        """Return the forecasts of all versions, (versions, N, H)."""
        return np.stack([made for engine in self._made.values() for made in self._at(engine, origin)])

    def _at(self, engine: ShopEngine, origin: int) -> list[Floats]:
        self._on_step()
        return engine.at(origin)


def _weighted(chosen: Floats, forecasts: Floats) -> Floats:
    return np.einsum("nm,mnh->nh", chosen, forecasts)


def _calibration(past: Sequence[PastForecast]) -> float:
    """Return the factor that draws the sum of the forecasts to that of what sold, towards 1 for few products.

    Squared errors favour forecasts that are a little low where demand is lumpy. The latest comes first.
    """
    products = len(past[0].actual)
    sold, made = np.zeros(products), np.zeros(products)
    for age, each in enumerate(past):
        weight = 0.5 ** (age / CALIBRATION_HALF_LIFE)
        counts = ~np.isnan(each.actual)
        sold += weight * np.nan_to_num(each.actual).sum(axis=1)
        made += weight * np.where(counts, each.forecast, 0.0).sum(axis=1)
    scale = np.minimum(1.0, LARGEST_SHARE * np.median(made) / np.maximum(made, 1e-9))
    hoped = float(made @ scale)
    if hoped <= 0:
        return 1.0
    ratio = float(np.clip(float(sold @ scale) / hoped, *CALIBRATION_RANGE))
    return float(ratio ** (CALIBRATED * products / (products + CALIBRATION_PRODUCTS)))

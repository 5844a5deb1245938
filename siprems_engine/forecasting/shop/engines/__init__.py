"""The engines by name; each is one module with one class that forecasts all products at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from siprems_engine.forecasting.errors import UnknownEngine
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.boosting import Boosting
from siprems_engine.forecasting.shop.engines.croston import Croston
from siprems_engine.forecasting.shop.engines.engine import ShopEngine
from siprems_engine.forecasting.shop.engines.ets import ExponentialSmoothing
from siprems_engine.forecasting.shop.engines.prophet_adaptive import ProphetAdaptive
from siprems_engine.forecasting.shop.engines.regression import Regression
from siprems_engine.forecasting.shop.engines.seasonal_naive import SeasonalNaive
from siprems_engine.forecasting.shop.engines.seasonal_window import SeasonalWindow
from siprems_engine.forecasting.shop.engines.smoother import Smoother
from siprems_engine.forecasting.shop.engines.theta import Theta
from siprems_engine.forecasting.shop.engines.tsb import Tsb
from siprems_engine.forecasting.shop.engines.window_average import WindowAverage

MakeEngine = Callable[[Basis], ShopEngine]
ENGINES: dict[str, MakeEngine] = {
    "smoother": Smoother,
    "regression": Regression,
    "lightgbm": Boosting,
    "tsb": Tsb,
    "window-average": WindowAverage,
    "seasonal-window": SeasonalWindow,
    "seasonal-naive": SeasonalNaive,
    "croston": Croston,
    "sba": lambda basis: Croston(basis, debiased=True),
    "ets": ExponentialSmoothing,
    "theta": Theta,
    "prophet-adaptive": ProphetAdaptive,
}
AUTO = "auto"
# What measuring left in the blend: each of the others cost more accuracy in noise than it brought.
BLENDED = (
    "smoother", "regression", "prophet-adaptive", "tsb", "window-average", "seasonal-window", "ets",
)  # fmt: skip


def members(names: Sequence[str], known: Collection[str] = ENGINES) -> list[str]:
    """Return the engines that a choice stands for, `auto` being the blend; raises `UnknownEngine`."""
    chosen: list[str] = []
    for name in names:
        if name != AUTO and name not in known:
            raise UnknownEngine(f"There is no engine {name!r}; known are {', '.join([AUTO, *known])}.")
        chosen += BLENDED if name == AUTO else [name]
    return list(dict.fromkeys(chosen))

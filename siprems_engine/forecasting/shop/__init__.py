"""Forecasts of all products of a shop at once: arrays in, means and calibrated quantiles out.

Pure numpy. Products learn from each other: effects, corrections, weights and spreads of one product are drawn
towards those of the shop, the more so the less the product itself tells.
"""

from siprems_engine.forecasting.shop.backtest import Backtest
from siprems_engine.forecasting.shop.engines import AUTO, BLENDED, ENGINES
from siprems_engine.forecasting.shop.forecast import ShopForecast, forecast_shop
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.quantiles import LEVELS

__all__ = [
    "AUTO",
    "BLENDED",
    "ENGINES",
    "LEVELS",
    "Backtest",
    "Grid",
    "Panel",
    "ShopForecast",
    "forecast_shop",
]

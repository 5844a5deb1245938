"""SIPREMS: demand forecasting and replenishment backend."""

__version__ = "0.1.0"

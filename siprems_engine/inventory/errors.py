"""What can be wrong with what a plan or a replay is asked for."""

from __future__ import annotations

from siprems_engine.forecasting.errors import EngineError


class InvalidPlan(EngineError):
    """Terms or forecasts make no sense; the message says which and what to do."""

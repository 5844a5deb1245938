"""What can go wrong in the forecasting engine; every message can be shown to a person."""

from __future__ import annotations


class EngineError(ValueError):
    """Base of everything the engine raises on purpose."""


class InvalidHistory(EngineError):
    """The sales rows cannot form a daily history (bad date, NaN, unequal lengths)."""


class NotEnoughData(EngineError):
    """Too few rows are left to fit a model."""


class FitFailed(EngineError):
    """The optimiser did not produce finite parameters."""


class CorruptModel(EngineError):
    """The bytes are not a complete Prophet model file."""


class UnsupportedModel(EngineError):
    """The file is a valid Prophet model, but of a kind the closed-form evaluator does not cover."""


class InvalidRequest(EngineError):
    """The days or regressors asked for do not fit the model."""


class UnknownEngine(EngineError):
    """No training engine has that name."""

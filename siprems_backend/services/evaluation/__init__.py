"""How good forecasts of a shop's sales file would have been; needs neither database nor broker."""

from siprems_backend.services.evaluation.report import Evaluation, Line, evaluate
from siprems_backend.services.evaluation.requests import ENGINE_NAMES, EvaluationRequest

__all__ = ["ENGINE_NAMES", "Evaluation", "EvaluationRequest", "Line", "evaluate"]

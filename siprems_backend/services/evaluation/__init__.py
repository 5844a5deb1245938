"""How good forecasts of a shop's sales file would have been; needs neither database nor broker."""

from siprems_backend.services.evaluation.lines import Line
from siprems_backend.services.evaluation.report import Evaluation, evaluate
from siprems_backend.services.evaluation.requests import ENGINE_NAMES, MOST_PICTURES, EvaluationRequest
from siprems_engine.forecasting.shop.scores import Scores

__all__ = ["ENGINE_NAMES", "MOST_PICTURES", "Evaluation", "EvaluationRequest", "Line", "Scores", "evaluate"]

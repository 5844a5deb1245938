"""What a training came to, in the words of the API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from siprems_backend.models.learned_models import LearnedModelVersion
from siprems_backend.services.learned_models.repository import WORTHWHILE
from siprems_backend.utils import clock
from siprems_engine.forecasting.learned import Judged, Training, curve
from siprems_engine.forecasting.shop.scores import Scores

SUCCESS, SKIPPED = "success", "skipped"
DIGITS = 4
MOST_POINTS = 200
FIGURES = ("wape", "bias", "rmsse", "mase", "pinball", "coverage_80", "coverage_95")


def report(made: Training, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a trained model, from its training alone."""
    model_type, searched = made.model.recipe.model_type, made.searched
    return {
        "metrics": {
            "train_r2": figure(made.train.r2),
            "test_r2": None if made.test is None else figure(made.test.r2),
            "train_rmse": figure(made.train.rmse),
            "test_rmse": None if made.test is None else figure(made.test.rmse),
            "final_loss": figure(made.final_loss),
            "backtest": backtest(made.scores.get(model_type), made),
        },
        "comparison": comparison(made.scores),
        "epochs": {"asked": chosen["epochs"], "best": made.model.recipe.epochs},
        "loss_curve": None if searched is None else curve(searched, MOST_POINTS),
        "importances": {name: round(share, DIGITS) for name, share in made.importances.items()},
        "training_rows": made.rows,
        "gain": None if made.gain is None else figure(made.gain),
        "joins_auto": made.gain is not None and made.gain <= WORTHWHILE,
    }


def backtest(scores: Scores | None, made: Training | Judged) -> dict[str, Any] | None:
    """The figures out of sample, and the last days that were known; None without a cut-off."""
    if scores is None:
        return None
    days = [str(day) for day in made.cutoffs]
    return {**figures(scores), "horizon": made.horizon, "cutoffs": days}


def figures(scores: Scores) -> dict[str, float | int | None]:
    """The figures of one engine."""
    named: dict[str, float | int | None] = {name: figure(getattr(scores, name)) for name in FIGURES}
    return {**named, "product_folds": scores.product_folds}


def comparison(scores: Mapping[str, Scores]) -> list[dict[str, Any]]:
    """A line of figures for every engine that forecast the same cut-offs, the best WAPE first."""
    lines = [{"engine": name, **figures(each)} for name, each in scores.items()]
    return sorted(lines, key=lambda line: (line["wape"] is None, line["wape"]))


def success(version: LearnedModelVersion, details: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a training that left a model."""
    return {
        "success": True,
        "status": SUCCESS,
        "message": f"Trained {version.model_type} version {version.version} on {version.products} products",
        "model_type": version.model_type,
        "model_id": version.id,
        "version": version.version,
        "products": version.products,
        **details,
        "timestamp": clock.iso(clock.now()),
    }


def skipped(model_type: str, reason: str) -> dict[str, Any]:
    """The result of a training that left none, and why."""
    return {
        "success": False,
        "status": SKIPPED,
        "message": reason,
        "model_type": model_type,
        "metrics": None,
        "timestamp": clock.iso(clock.now()),
    }


def figure(value: float) -> float | None:
    """A number as JSON knows it."""
    return round(float(value), DIGITS) if math.isfinite(value) else None

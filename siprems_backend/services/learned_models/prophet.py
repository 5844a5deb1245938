"""Prophet among the types of models: every product's own, and how the engines by Prophet do out of sample."""

from __future__ import annotations

import time
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.services import training_run
from siprems_backend.services.learned_models import results
from siprems_backend.services.learned_models.hyperparameters import of_type
from siprems_backend.services.learned_models.training import load_catalogue
from siprems_backend.services.learned_models.types import PROPHET
from siprems_backend.services.learned_models.watching import WHOLE, Watching
from siprems_backend.services.progress import OnDetailedProgress, untold
from siprems_backend.utils import clock
from siprems_engine.forecasting.learned import BESIDE, compare

# Parts of the work: training the products' models, then the backtest.
TRAINED = 0.5


def train(hyperparameters: dict[str, Any], *, on_progress: OnDetailedProgress = untold) -> dict[str, Any]:
    """Train the model of every product whose data changed, and judge the engines that need no training.

    There is no loss and no fit of all products together, so these figures are null.
    """
    started, chosen = time.monotonic(), of_type(PROPHET, hyperparameters)

    def trained(current: int, total: int, message: str = "") -> None:
        on_progress(round(WHOLE * TRAINED * current / max(total, 1)), WHOLE, message)

    try:
        catalogue = load_catalogue()
    except Invalid as reason:
        return results.skipped(PROPHET, str(reason))
    counts = training_run.train_here(on_progress=trained)
    judged = compare(catalogue.shop(), chosen["folds"], Watching(on_progress), BESIDE, TRAINED)
    scores = judged.scores.get(PROPHET)
    quality = judged.qualities.get(PROPHET)
    on_progress(WHOLE, WHOLE, "Done")
    counts.pop("results")
    return {
        "success": True,
        "status": results.SUCCESS,
        "message": f"Trained {counts['trained']} products; {counts['unchanged']} had not changed",
        "model_type": PROPHET,
        "products": len(catalogue.product_ids),
        **counts,
        "metrics": {
            "train_r2": None,
            "test_r2": None if quality is None else results.figure(quality.r2),
            "train_rmse": None,
            "test_rmse": None if quality is None else results.figure(quality.rmse),
            "final_loss": None,
            "backtest": results.backtest(scores, judged),
        },
        "comparison": results.comparison(judged.scores),
        "seconds": round(time.monotonic() - started, 1),
        "timestamp": clock.iso(clock.now()),
    }

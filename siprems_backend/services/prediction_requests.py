"""Predictions asked for over HTTP: at once from a stored model, through a worker otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from siprems_backend.services import prediction, prediction_answers, product_choice, task_registry
from siprems_backend.services.histories import require_known
from siprems_backend.services.identity import Principal
from siprems_backend.services.prediction_engines import AUTO, unusual
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.services.task_registry.wished import submit_wished
from siprems_backend.services.task_registry.wishes import NONE, Wishes

# A single model is trained in about a second; whoever waits longer is given a task to follow.
PATIENCE_SECONDS = 6.0


def predict_now(
    sku: str,
    days: int,
    history_days: int,
    caller: Principal,
    *,
    engine: str = AUTO,
    quantiles: bool = False,
) -> dict[str, Any] | Submitted:
    """The answer from what is stored; where there is nothing a worker makes it first.

    Gives the submitted task instead when that takes long (or no worker is there).

    Raises:
        NotFound: no such product.
        Invalid: it has never sold anything.
    """
    predict = partial(prediction.predict, sku, days, engine=engine, history_days=history_days)
    try:
        return prediction_answers.answer(predict(), quantiles=quantiles)
    except prediction.ModelMissing:
        submitted = submit_prediction(sku, days, caller, engine=engine, quantiles=quantiles)
    if not submitted.queued or not task_registry.finishes_within(PATIENCE_SECONDS, submitted.task_id, caller):
        return submitted
    return prediction_answers.answer(predict(trainable=False), quantiles=quantiles)


def submit_prediction(
    sku: str,
    days: int,
    caller: Principal,
    *,
    engine: str = AUTO,
    quantiles: bool = False,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Submitted:
    """Have a worker forecast a product.

    Raises:
        NotFound: no such product.
        Forbidden: the priority is too high for the caller.
    """
    require_known(sku)
    kwargs = {"product_sku": sku, "forecast_days": days, **unusual(engine, quantiles)}
    return submit_wished(TaskKind.PREDICT_STOCK, kwargs, caller, wishes, idempotency_key)


def submit_batch(
    skus: Sequence[str] | None,
    wanted: Mapping[str, Any] | None,
    days: int,
    caller: Principal,
    *,
    engine: str = AUTO,
    quantiles: bool = False,
    wishes: Wishes = NONE,
    idempotency_key: str | None = None,
) -> Submitted:
    """Have a worker forecast many products: those named, or those a filter finds.

    Raises:
        Invalid: none are left, or more than one task should carry.
        Forbidden: the priority is too high for the caller.
    """
    chosen = {"product_skus": product_choice.chosen(skus, wanted), "forecast_days": days}
    kwargs = {**chosen, **unusual(engine, quantiles)}
    return submit_wished(TaskKind.PREDICT_BATCH, kwargs, caller, wishes, idempotency_key)


def submit_training(
    sku: str, caller: Principal, *, wishes: Wishes = NONE, idempotency_key: str | None = None
) -> Submitted:
    """Have a worker train a product.

    Raises:
        NotFound: no such product.
        Forbidden: the priority is too high for the caller.
    """
    require_known(sku)
    return submit_wished(TaskKind.TRAIN_PRODUCT, {"product_sku": sku}, caller, wishes, idempotency_key)


def submit_training_of_all(
    caller: Principal, *, wishes: Wishes = NONE, idempotency_key: str | None = None
) -> Submitted:
    """Have the workers train every product whose data changed.

    Raises:
        Forbidden: the priority is too high for the caller.
    """
    return submit_wished(TaskKind.TRAIN_ALL, {}, caller, wishes, idempotency_key)

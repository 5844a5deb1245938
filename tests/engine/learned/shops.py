"""Small shops with planted effects, and small recipes to learn them by."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.learned import LEARNERS, Recipe, Shop, can_train
from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.step import Step
from tests.engine.shop.panels import FIRST

HORIZON = 14
TREES = {"learning_rate": 0.1, "subsample": 0.8, "colsample": 0.6, "l2": 10.0}
NETWORK = {
    "learning_rate": 0.005,
    "hidden_sizes": [16],
    "batch_size": 512,
    "dropout": 0.0,
    "weight_decay": 0.001,
}
OPTIONS = {
    "xgboost": {**TREES, "max_depth": 4, "min_child_weight": 5.0},
    "lightgbm": {**TREES, "num_leaves": 15, "min_data_in_leaf": 30},
    "pytorch": NETWORK,
    "tensorflow": NETWORK,
}
EPOCHS = {"xgboost": 60, "lightgbm": 60, "pytorch": 12, "tensorflow": 12}
TYPES = list(LEARNERS)
MISSING = {
    "pytorch": "PyTorch is not installed: pip install --no-deps -r requirements-torch.txt",
    "tensorflow": "TensorFlow is not installed: pip install --no-deps -r requirements-tensorflow.txt",
}


def need(model_type: str) -> str:
    """The type, where what trains it is installed; the test is skipped elsewhere."""
    import pytest

    if not can_train(model_type):
        pytest.skip(MISSING[model_type])
    return model_type


def recipe_of(model_type: str, **changes: object) -> Recipe:
    """A recipe that is learned in a second."""
    options = {**OPTIONS[model_type], **{name: each for name, each in changes.items() if name != "epochs"}}
    return Recipe(model_type, int(str(changes.get("epochs", EPOCHS[model_type]))), 5, 1, options)


def grid_of(
    products: int = 6, past: int = 240, seed: int = 0, *, price: bool = False, step: Step = Step.DAY
) -> Grid:
    """Products with weekdays, steps of price, and promotions of five days that triple sales on the first.

    Factors of the levels know weekdays and the mean promotion; that its first day is another can be learned.
    """
    random = np.random.default_rng(seed)
    days = FIRST + step.days * np.arange(past)
    level = np.exp(random.uniform(1.0, 3.0, (products, 1)))
    week = np.array([0.7, 0.8, 0.9, 1.0, 1.3, 1.6, 0.7])[np.arange(past) % 7]
    promo = random.random((products, past // 5 + 1)).repeat(5, axis=1)[:, :past] < 0.25
    uplift = np.where(np.arange(past) % 5 == 0, 3.0, 1.3)[None, :]
    prices = np.exp(random.choice([-0.25, 0.0, 0.25], (products, past // 30 + 1))).repeat(30, axis=1)[
        :, :past
    ]
    demand = level * week * np.where(promo, uplift, 1.0)
    if price:
        demand = demand * prices**-2.0
    grid = Grid(days, step, random.poisson(demand).astype(float), np.ones(past, dtype=bool), promo)
    grid = grid.with_categories(np.arange(products) % 2)
    return grid.with_prices(4.0 * prices) if price else grid


def shop_of(grid: Grid, horizon: int = HORIZON) -> Shop:
    """All of a grid as the past of a shop."""
    return Shop(grid, len(grid.days) - 1, horizon)

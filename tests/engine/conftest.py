"""One trained product for all tests of the engine."""

from __future__ import annotations

import pytest

from siprems_engine.forecasting import DailyHistory, LinearGrowthModel, Trained, parse, train
from tests.engine import synthetic


@pytest.fixture(scope="session")
def history() -> DailyHistory:
    """Five hundred days of a regular product."""
    return synthetic.daily_history()


@pytest.fixture(scope="session")
def trained(history: DailyHistory) -> Trained:
    """That product trained with four events a year."""
    return train(history, synthetic.events(), None, today=synthetic.END.item())


@pytest.fixture(scope="session")
def model(trained: Trained) -> LinearGrowthModel:
    """Its parameters."""
    assert trained.artifact is not None
    return parse(trained.artifact)

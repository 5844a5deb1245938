"""What this process could train, as a worker says it of itself."""

from __future__ import annotations

from functools import lru_cache

from siprems_engine.forecasting.learned import LEARNERS, can_train


@lru_cache(maxsize=1)
def trainable_here() -> tuple[str, ...]:
    """The learned types whose packages are installed; nothing is loaded to find out."""
    return tuple(name for name in LEARNERS if can_train(name))

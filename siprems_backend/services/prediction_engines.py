"""Which engines a client can ask for."""

from __future__ import annotations

from typing import Any

from siprems_engine.forecasting.forecast import PROPHET
from siprems_engine.forecasting.learned import LEARNERS
from siprems_engine.forecasting.shop import AUTO, ENGINES

__all__ = ["AUTO", "LEARNED", "PROPHET", "SERVED", "learned_type", "problem_with", "unusual"]

# Models of the whole shop that somebody has to train first.
LEARNED = tuple(LEARNERS)
SERVED = (AUTO, PROPHET, *LEARNED)


def learned_type(engine: str) -> str | None:
    """The type of learned model that an engine is; None for the blend and for Prophet."""
    return engine if engine in LEARNED else None


def problem_with(engine: str) -> str | None:
    """Why nobody can be served by this engine; None if it can be asked for."""
    if engine in SERVED:
        return None
    choice = f"ask for {AUTO}, {PROPHET} or a trained model ({', '.join(LEARNED)})"
    if engine in ENGINES:
        return f"'{engine}' is one of the engines behind '{AUTO}' and is not served alone; {choice}."
    return f"There is no engine '{engine}'; {choice}."


def unusual(engine: str, quantiles: bool) -> dict[str, Any]:
    """Arguments of a task that differ from what it does without them."""
    chosen: dict[str, Any] = {} if engine == AUTO else {"engine": engine}
    return {**chosen, "quantiles": True} if quantiles else chosen

"""What can be trained at the moment: workers say what they have; web processes are often other images.

A worker that is being started again is missed for seconds, so what was said a few minutes ago still counts.
"""

from __future__ import annotations

from datetime import timedelta

from siprems_backend.errors import Invalid
from siprems_backend.services import worker_registry
from siprems_backend.services.learned_models.types import ALL, EXTRAS, LEARNED, PROPHET

SAID_WITHIN = timedelta(minutes=10)


def missing(model_type: str) -> str | None:
    """Why nobody could train a type now, and what to do; None if somebody can."""
    extra = EXTRAS.get(model_type)
    if extra is None or model_type in _announced():
        return None
    return extra.advice


def require(model_type: str) -> None:
    """See that a type can be trained.

    Raises:
        Invalid: its framework is missing; how to install it.
    """
    reason = missing(model_type)
    if reason is not None:
        raise Invalid(reason, code="extra_not_installed", fields={"model_type": [reason]})


def of_all() -> dict[str, str | None]:
    """Why each type could not be trained now; None where it can."""
    said = _announced()
    reasons: dict[str, str | None] = dict.fromkeys((PROPHET, *LEARNED, ALL))
    return reasons | {name: extra.advice for name, extra in EXTRAS.items() if name not in said}


def _announced() -> set[str]:
    """The types that workers say they can train; a framework counts where its queue is served too."""
    return {
        name
        for worker in worker_registry.heard_of(SAID_WITHIN)
        for name in worker.figures.get(worker_registry.TRAINS, ())
        if name not in EXTRAS or name in worker.queues
    }

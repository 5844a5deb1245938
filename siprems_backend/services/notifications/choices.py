"""What a subscriber may ask for, checked once for webhooks and e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.services.notifications.names import SILENT, Event
from siprems_backend.services.task_registry.kinds import PARTS, TaskKind

# Kinds that somebody can be told of; the parts of a fan-out are told of by its own end.
KINDS = tuple(kind for kind in TaskKind if kind.value not in SILENT and kind not in PARTS)


def columns(events: Sequence[Event] | None = None, kinds: Sequence[TaskKind] | None = None) -> dict[str, Any]:
    """Column values of what is chosen; each name once, in the order of the lists.

    Raises:
        Invalid: a kind that nobody is told of.
    """
    values: dict[str, Any] = {}
    if events is not None:
        values["events"] = [event.value for event in Event if event in events]
    if kinds is not None:
        silent = sorted({kind.value for kind in kinds} - {kind.value for kind in KINDS})
        if silent:
            problem = f"Nobody is told of {', '.join(silent)}."
            raise Invalid(f"kinds: {problem}", fields={"kinds": [problem]})
        values["kinds"] = [kind.value for kind in KINDS if kind in kinds]
    return values

"""Progress of a training as the ledger keeps it: a part of the whole, and the losses of the last round."""

from __future__ import annotations

from typing import Any

from siprems_backend.services.progress import OnDetailedProgress

WHOLE = 1000


class Watching:
    """Turns the engine's stages and rounds into progress that never goes back."""

    def __init__(self, on_progress: OnDetailedProgress) -> None:
        self._report = on_progress
        self._done = 0
        self._message = "Reading what was sold"
        self._stage = ("", 0.0, 0.0, 1)
        self._details: dict[str, Any] = {}

    def begin(self, title: str, start: float, end: float, rounds: int) -> None:
        """A stage of the work begins."""
        self._stage = (title, start, end, max(rounds, 1))
        self._message = title
        self._details = {**self._details, "stage": title}
        self._tell(start)

    def tick(self) -> None:
        """Work goes on; ends it where the task was cancelled."""
        self._report(self._done, WHOLE, self._message, **self._details)

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        """A round is over."""
        title, start, end, rounds = self._stage
        self._message = f"{title}{'' if title == 'Training' else ':'} epoch {number}/{rounds}"
        # Refits have nothing held back: what the search last said of it stays.
        checked = {} if validation_loss is None else {"validation_loss": round(validation_loss, 6)}
        self._details |= {"epoch": number, "epochs": rounds, "loss": round(loss, 6), **checked}
        self._tell(start + (end - start) * min(number / rounds, 1.0))

    def _tell(self, part: float) -> None:
        # The last unit is for keeping the model: a task is done when that is.
        self._done = max(self._done, min(round(WHOLE * part), WHOLE - 1))
        self.tick()

"""Examining an installation from end to end, saying for every trouble what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from siprems_backend.services import server_checks, settings_checks, volume_checks, worker_checks
from siprems_backend.services.checks import Finding, State, all_within

PATIENCE_SECONDS = 6.0


@dataclass(frozen=True)
class Examination:
    """One look of the doctor; pointless when the examination that it `needs` has failed."""

    name: str
    look: Callable[[], Finding]
    needs: str | None = None


EXAMINATIONS = (
    Examination("settings", settings_checks.settings),
    Examination("secrets", settings_checks.secrets),
    Examination("database", server_checks.database_answers),
    Examination("migrations", server_checks.schema, needs="database"),
    Examination("clock", server_checks.clocks, needs="database"),
    Examination("broker", server_checks.broker),
    Examination("result backend", server_checks.result_backend),
    Examination("cache", server_checks.cache),
    Examination("workers", worker_checks.workers, needs="broker"),
    Examination("Beat", worker_checks.beat, needs="migrations"),
    Examination("regular tasks", worker_checks.regular_tasks, needs="migrations"),
    Examination("waiting tasks", worker_checks.waiting, needs="migrations"),
    Examination("models folder", volume_checks.models_folder),
    Examination("data folder", volume_checks.data_folder),
    Examination("models", volume_checks.models, needs="migrations"),
)
NAMES = [examination.name for examination in EXAMINATIONS]


def examine(only: str | None = None) -> Iterator[tuple[str, Finding]]:
    """Findings by name, one after the other; each takes a few seconds at most, whatever is away.

    With `only` the finding of that name alone.
    """
    useless: set[str] = set()
    for examination in EXAMINATIONS:
        if only is not None and examination.name != only:
            continue
        if examination.needs in useless:
            finding = Finding(State.UNKNOWN, f"not looked at, because of: {examination.needs}")
        else:
            finding = all_within(PATIENCE_SECONDS, {examination.name: examination.look})[examination.name]
        if finding.state in {State.FAILED, State.UNKNOWN}:
            useless.add(examination.name)
        yield examination.name, finding

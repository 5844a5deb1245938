"""What one run of a tool may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunLimits:
    """Limits of all processes of a run together, except for `memory_bytes`, which also bounds each of them.

    `output_bytes` are all files in the run's folder, `processes` count threads as well.
    """

    cpu_seconds: int
    wall_seconds: int
    memory_bytes: int
    output_bytes: int
    processes: int

"""Fitted pipelines as files of a run, with what there is to know of each. Workers only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines import Plan

if TYPE_CHECKING:
    from siprems_engine.pipelines.results import RunResult

FOLDER = "models"


def places(made: RunResult) -> list[int]:
    """Places of the nodes that fitted a model."""
    return [place for place, result in enumerate(made.results) if "model_id" in result.output]


def write(made: RunResult, plan: Plan, place: int, folder: Path) -> dict[str, Any]:
    """Write a fitted model below `folder`; what is known of it."""
    # Only the process of a run has this library.
    from siprems_engine.pipelines import artifact

    result = made.results[place]
    digest, output = result.output["model_id"], result.output
    path = folder / FOLDER / f"{digest}.skops"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(artifact.to_bytes(made.models[digest]))
    target = output.get("target")
    return {
        "place": place,
        "digest": digest,
        "node_id": result.id,
        "node_type": result.node_type,
        "task": output["task"],
        "target": target,
        "features": output["features"],
        "metrics": output["metrics"],
        "columns": [name for name in made.results[_origin(plan, place)].columns or [] if name != target],
    }


def _origin(plan: Plan, place: int) -> int:
    """The source, or the last join: new rows come as they stand there."""
    while len(plan.wires[place]) == 1:
        (place,) = plan.wires[place]
    return place

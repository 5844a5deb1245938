"""Running a tool, in whatever process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from siprems_backend.services.progress import OnProgress
from siprems_backend.services.tool_runner import registry
from siprems_backend.services.tool_runner.tool import OutputFile, Parameters, ToolContext

# Below the run's folder: what is in it may be kept, everything beside it is scratch.
OUTPUT = "output"


class Made(TypedDict):
    """What a tool gave: its summary, and its files in the folder `OUTPUT`."""

    summary: dict[str, Any]
    files: list[OutputFile]


def execute(name: str, parameters: Parameters, folder: Path, on_progress: OnProgress) -> Made:
    """Run a tool on checked parameters, with its files below `folder`."""
    tool = registry.find(name)
    output = folder / OUTPUT
    output.mkdir()
    context = ToolContext(output, tool.outputs, on_progress)
    summary = dict(tool.run(parameters, context))
    return {"summary": summary, "files": context.files()}

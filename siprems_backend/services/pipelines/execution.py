"""One run of a pipeline, in the process that was forked for it: rows in, files in its folder out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import checking, exporting, model_files
from siprems_backend.services.pipelines.budgeted_cache import BudgetedCache
from siprems_backend.services.pipelines.jobs import RESULTS, Answer
from siprems_backend.services.pipelines.problems import refused
from siprems_backend.services.pipelines.sources import ShopSources
from siprems_backend.services.tool_runner.execution import OUTPUT
from siprems_backend.utils.roles import Role
from siprems_engine.pipelines import InvalidPipeline


def run_pipeline(arguments: Mapping[str, Any], folder: Path, answer: Answer) -> dict[str, Any]:
    """Run a pipeline for a caller: its results, models and exports become files below `folder`.

    Raises:
        Invalid: it cannot run.
    """
    # Only the process of a run has these libraries.
    from siprems_engine.pipelines.runner import run

    caller = Principal(arguments["user_id"], arguments["email"], Role(arguments["role"]))
    body = arguments["body"]
    cache = BudgetedCache(Path(arguments["cache_folder"]), arguments["cache_bytes"])

    def tell(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        answer.say({"node": [current_node, total_nodes, node_type, message]})

    try:
        made = run(body, ShopSources(caller), on_progress=tell, cache=cache)
    except InvalidPipeline as error:
        raise refused(error) from None
    (folder / RESULTS).write_bytes(orjson.dumps(made.as_json()))
    if not made.success:
        return {"models": [], "files": []}
    plan = checking.check(body, caller).plan
    models = [model_files.write(made, plan, place, folder) for place in model_files.places(made)]
    (folder / OUTPUT).mkdir()
    return {"models": models, "files": exporting.write_all(made.exports, folder / OUTPUT)}

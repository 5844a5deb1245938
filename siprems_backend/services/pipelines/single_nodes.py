"""Running a single node: as a pipeline of a source and the node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import running
from siprems_backend.services.pipelines.listening import OnNode, untold
from siprems_backend.services.pipelines.node_bodies import as_fields_of_node, pipeline_of
from siprems_backend.services.pipelines.problems import NodeFailed


def run_node(body: Mapping[str, Any], caller: Principal, *, on_progress: OnNode = untold) -> dict[str, Any]:
    """Run a node on the rows of a source; as `running.run`, with errors in fields of this body."""
    try:
        return running.run(pipeline_of(body), caller, on_progress=on_progress)
    except (Invalid, NodeFailed) as error:
        raise as_fields_of_node(error, body) from None

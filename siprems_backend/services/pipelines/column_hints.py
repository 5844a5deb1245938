"""Which columns reach a node of a pipeline that somebody is still building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines.known_columns import KnownColumns
from siprems_engine.pipelines import columns_before


def column_hints(pipeline: Sequence[Mapping[str, Any]], caller: Principal) -> list[list[str]]:
    """Names of the columns that reach each node as far as they are known, in the order of the alphabet.

    Each node has a `node_type`, and may have `input`, `id` and `inputs`.
    """
    return [sorted(known.names) for known in columns_before(pipeline, KnownColumns(caller))]

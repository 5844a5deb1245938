"""Checking a pipeline before anything runs; needs neither pandas nor scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines.known_columns import KnownColumns
from siprems_backend.services.pipelines.problems import refused
from siprems_engine.pipelines import InvalidPipeline, Plan
from siprems_engine.pipelines import check as check_plan


@dataclass(frozen=True, eq=False)
class Checked:
    """A pipeline that can run, and how many rows its datasets have."""

    plan: Plan
    rows: int


def check(body: Mapping[str, Any], caller: Principal) -> Checked:
    """Check a body `{"pipeline_name": ..., "pipeline": [...]}` for a caller.

    Raises:
        Invalid: it cannot run; `fields` names every node and parameter at fault.
    """
    sources = KnownColumns(caller)
    try:
        plan = check_plan(body, sources)
    except InvalidPipeline as error:
        raise refused(error) from None
    return Checked(plan, sources.rows)

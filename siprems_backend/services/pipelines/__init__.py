"""Pipelines of analysts: checked in any process, run in a process of their own, models and results kept."""

from siprems_backend.services.pipelines.callers import caller_of
from siprems_backend.services.pipelines.checking import Checked, check
from siprems_backend.services.pipelines.node_bodies import pipeline_of
from siprems_backend.services.pipelines.predicting import predict
from siprems_backend.services.pipelines.problems import NodeFailed
from siprems_backend.services.pipelines.running import run
from siprems_backend.services.pipelines.single_nodes import run_node
from siprems_backend.services.pipelines.upkeep import clean_up

__all__ = [
    "Checked",
    "NodeFailed",
    "caller_of",
    "check",
    "clean_up",
    "pipeline_of",
    "predict",
    "run",
    "run_node",
]

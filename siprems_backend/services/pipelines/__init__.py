"""Pipelines of analysts: checked in any process, run in a process of their own, results kept."""

from siprems_backend.services.pipelines.cache_folder import clean_up
from siprems_backend.services.pipelines.callers import caller_of
from siprems_backend.services.pipelines.checking import Checked, check, nodes
from siprems_backend.services.pipelines.node_bodies import pipeline_of
from siprems_backend.services.pipelines.problems import NodeFailed
from siprems_backend.services.pipelines.running import run

__all__ = ["Checked", "NodeFailed", "caller_of", "check", "clean_up", "nodes", "pipeline_of", "run"]

"""Workflows: pipelines that analysts save, by version, and have run."""

from siprems_backend.services.workflows.changing import create, remove, replace, restore
from siprems_backend.services.workflows.execution import execute, start, validate
from siprems_backend.services.workflows.records import WorkflowView, get, listing, version, versions
from siprems_backend.services.workflows.requests import (
    Config,
    submit_bulk,
    submit_execution,
    submit_validation,
)
from siprems_backend.services.workflows.upkeep import clean_up

__all__ = [
    "Config",
    "WorkflowView",
    "clean_up",
    "create",
    "execute",
    "get",
    "listing",
    "remove",
    "replace",
    "restore",
    "start",
    "submit_bulk",
    "submit_execution",
    "submit_validation",
    "validate",
    "version",
    "versions",
]

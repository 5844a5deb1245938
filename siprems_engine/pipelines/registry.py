"""All nodes by name: one module in `nodes/` each, with a `NODE`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from siprems_engine.pipelines import nodes
from siprems_engine.pipelines.node import Node


@cache
def registry() -> dict[str, Node]:
    """Return the nodes by `node_type`, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(nodes.__path__))
    found = [importlib.import_module(f"{nodes.__name__}.{name}").NODE for name in names]
    return {node.node_type: node for node in found}


def catalogue() -> list[dict[str, Any]]:
    """Return what each node is called, takes and gives, as plain data."""
    return [node.describe() for node in registry().values()]

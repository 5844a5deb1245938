"""The catalogue of nodes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from siprems_backend.utils.pagination import Page, PageRequest
from siprems_engine.pipelines import catalogue


def page(request: PageRequest) -> Page[dict[str, Any]]:
    """A page of the nodes: what each is called, takes and gives, with the JSON Schema of its parameters."""
    nodes = catalogue()
    items = nodes[request.offset : request.offset + request.page_size]
    return Page(items, request.page, request.page_size, len(nodes))


@lru_cache(maxsize=1)
def by_type() -> dict[str, dict[str, Any]]:
    """All nodes by their `node_type`; nobody changes them."""
    return {node["node_type"]: node for node in catalogue()}

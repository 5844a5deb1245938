"""The catalogue of nodes."""

from __future__ import annotations

from typing import Any

from siprems_backend.utils.pagination import Page, PageRequest
from siprems_engine.pipelines import catalogue


def page(request: PageRequest) -> Page[dict[str, Any]]:
    """A page of the nodes: what each is called, takes and gives, with the JSON Schema of its parameters."""
    nodes = catalogue()
    items = nodes[request.offset : request.offset + request.page_size]
    return Page(items, request.page, request.page_size, len(nodes))

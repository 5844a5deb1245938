"""The pages, in the order of the navigation. A page is a module with `PAGE` and `register`."""

from __future__ import annotations

from types import ModuleType

from siprems_backend.dashboard.pages import (
    data,
    dataset,
    import_report,
    morning,
    order,
    plan,
    playground,
    product,
    products,
    settings,
    task,
    tasks,
    training,
    workflow,
)
from siprems_backend.dashboard.pages.page import Page, Params, match

MODULES: tuple[ModuleType, ...] = (
    morning,
    products,
    product,
    plan,
    order,
    tasks,
    task,
    training,
    playground,
    dataset,
    workflow,
    data,
    import_report,
    settings,
)
PAGES: tuple[Page, ...] = tuple(module.PAGE for module in MODULES)


def find(path: str) -> tuple[Page, Params] | None:
    """The page at an address of the browser, and what the address says of it."""
    for page in PAGES:
        params = match(page, path)
        if params is not None:
            return page, params
    return None


__all__ = ["MODULES", "PAGES", "Page", "Params", "find"]

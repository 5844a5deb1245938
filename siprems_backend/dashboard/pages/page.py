"""What a page declares of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component

from siprems_backend.dashboard.paths import parts_of
from siprems_backend.utils.roles import Role

Params = Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """A page: `path` is below `/app/`, a part in angle brackets stands for one of the address.

    `layout(params, query)` gives what is on it; both come from the address and are to be checked. It is
    called with the caller known, and calls services. Messages of the page stand under `<name>.` in the
    catalogue; `<name>.title` is its heading. A page with an icon stands in the navigation.
    """

    name: str
    path: str
    role: Role
    layout: Callable[[Params, Params], Component | list[Any]]
    icon: str | None = None


def match(page: Page, path: str) -> Params | None:
    """What stands in the address for the placeholders; None when it is another page's."""
    wanted = [part for part in page.path.split("/") if part]
    given = parts_of(path)
    if len(wanted) != len(given):
        return None
    params: dict[str, str] = {}
    for pattern, part in zip(wanted, given, strict=True):
        if pattern.startswith("<"):
            params[pattern.strip("<>")] = part
        elif pattern != part:
            return None
    return params

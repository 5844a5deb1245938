"""The tools there are: every module of `services.tools`, and of the packages that TOOL_PACKAGES names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid
from siprems_backend.services.tool_runner.tool import Tool

OUR_TOOLS = "siprems_backend.services.tools"


@lru_cache(maxsize=1)
def tools() -> Mapping[str, Tool]:
    """All tools by name, in the order of their names."""
    found: dict[str, Tool] = {}
    for package in (OUR_TOOLS, *get_settings().tool_packages):
        for tool in _tools_of(package):
            if tool.name in found:
                raise ValueError(f"two tools are named {tool.name!r}; the second is in {package}")
            found[tool.name] = tool
    return dict(sorted(found.items()))


def find(name: str) -> Tool:
    """The tool of this name.

    Raises:
        Invalid: there is none.
    """
    tool = tools().get(name)
    if tool is None:
        problem = f"There is no such tool; there are {', '.join(tools())}."
        raise Invalid(problem, code="unknown_tool", fields={"tool_name": [problem]})
    return tool


def _tools_of(package: str) -> Iterator[Tool]:
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        # A module is imported by the name it was found under, so that a new tool is one new file.
        yield importlib.import_module(f"{package}.{module.name}").TOOL

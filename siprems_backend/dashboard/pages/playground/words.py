"""What nodes, their parameters and what may be wrong with them are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from siprems_backend.dashboard.language import known, say
from siprems_backend.dashboard.parts.schema_form import Words

PLACE = re.compile(r"pipeline\.(\d+)(?:\.input)?(?:\.(\w+))?")
# What JSON Schema says, and what people are told.
SAID = (
    (re.compile(r"'(?P<field>\w+)' is a required property\."), "required"),
    (
        re.compile(r"(?P<field>\w+): .+ is less than (?:or equal to )?the minimum of (?P<least>\S+)\."),
        "least",
    ),
    (
        re.compile(r"(?P<field>\w+): .+ is greater than (?:or equal to )?the maximum of (?P<most>\S+)\."),
        "most",
    ),
    (re.compile(r"(?P<field>\w+): .+ is not one of \[(?P<choices>.+)\]\."), "choice"),
    (re.compile(r"(?P<field>\w+): .+ is not of type '(?P<kind>\w+)'\."), "kind"),
    (re.compile(r"Nothing comes before it: .*"), "no_source"),
    (re.compile(r"There is no column (?P<columns>'.+'); there are .*"), "column"),
    (re.compile(r"There is no column (?P<columns>'.+') any more: .*"), "column_gone"),
)


def node_title(node_type: str) -> str:
    """What a node is called."""
    key = f"node.{node_type}.title"
    return say(key) if known(key) else node_type


def node_about(node_type: str) -> str:
    """What a node does, in a sentence."""
    key = f"node.{node_type}.about"
    return say(key) if known(key) else ""


def category_name(category: str) -> str:
    """What a group of nodes is called."""
    key = f"node_category.{category.replace(' ', '_')}"
    return say(key) if known(key) else category


def field_label(name: str) -> str:
    """What a parameter is called."""
    key = f"field.{name}.label"
    return say(key) if known(key) else name.replace("_", " ").capitalize()


def field_words(node_type: str) -> Callable[[str, Mapping[str, Any]], Words]:
    """What gives the name and help of a node's parameter; without words of ours the catalogue's own."""

    def words(name: str, schema: Mapping[str, Any]) -> Words:
        keys = (f"field_of.{node_type}.{name}", f"field.{name}.help")
        key = next((key for key in keys if known(key)), None)
        return Words(field_label(name), say(key) if key else schema.get("description", ""))

    return words


def problems_by_place(fields: Mapping[str, Any]) -> dict[int, list[str]]:
    """What is wrong with each node, by its place, in plain words."""
    found: dict[int, list[str]] = {}
    for path, messages in fields.items():
        place = PLACE.match(path)
        if place is not None:
            found.setdefault(int(place[1]), []).extend(plain(str(message)) for message in messages)
    return found


def plain(message: str) -> str:
    """A problem in words that name the parameter as the form does."""
    for pattern, key in SAID:
        match = pattern.fullmatch(message)
        if match is not None:
            values = match.groupdict()
            if "field" in values:
                values["field"] = field_label(values["field"])
            return say(f"playground.problem.{key}", **values)
    return message

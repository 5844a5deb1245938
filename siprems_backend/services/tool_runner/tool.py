"""What a tool is: a description, a schema of its parameters and a function that writes files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from siprems_backend.services.progress import OnProgress
from siprems_backend.utils.roles import Role

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Parameters = dict[str, Any]


class OutputFile(TypedDict):
    """A file as a task's result lists it; `url` once it can be fetched."""

    name: str
    content_type: str
    size_bytes: int
    url: NotRequired[str]


@dataclass(frozen=True)
class OutputKind:
    """A file that a tool may make."""

    name: str
    content_type: str
    description: str


class ToolContext:
    """What a running tool is given: where to write its files, and how to say how far it is."""

    def __init__(self, folder: Path, kinds: Sequence[OutputKind], on_progress: OnProgress) -> None:
        self._folder = folder
        self._kinds = {kind.name: kind for kind in kinds}
        self._made: list[str] = []
        self.report = on_progress

    def output(self, name: str) -> Path:
        """Where to write one of the declared files; it is kept when the tool ends well."""
        if name not in self._kinds:
            raise ValueError(f"{name!r} is none of the declared outputs: {', '.join(self._kinds)}")
        if name not in self._made:
            self._made.append(name)
        return self._folder / name

    def files(self) -> list[OutputFile]:
        """The files asked for with `output`."""
        return [
            {
                "name": name,
                "content_type": self._kinds[name].content_type,
                "size_bytes": (self._folder / name).stat().st_size,
            }
            for name in self._made
        ]


def as_they_are(parameters: Parameters) -> Parameters:
    """Parameters about which the schema says everything."""
    return parameters


@dataclass(frozen=True)
class Tool:
    """One tool. It reads the database and writes files, nothing else, so that running it again is harmless.

    `properties` are the JSON Schemas of the parameters by name, each with a description. `prepare` may put
    parameters that satisfy them into their final form, or raise `Invalid` for what no schema can say. `run`
    gets all parameters, defaults included, and returns a short summary as JSON values.
    """

    name: str
    title: str
    description: str
    role: Role
    properties: Mapping[str, Mapping[str, Any]]
    outputs: Sequence[OutputKind]
    run: Callable[[Parameters, ToolContext], Mapping[str, Any]]
    required: Sequence[str] = ()
    prepare: Callable[[Parameters], Parameters] = field(default=as_they_are)

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters; what it does not name is refused."""
        return {
            "$schema": DIALECT,
            "type": "object",
            "properties": {name: dict(schema) for name, schema in self.properties.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }

    @property
    def defaults(self) -> Parameters:
        """Values of parameters that are not given."""
        return {name: schema["default"] for name, schema in self.properties.items() if "default" in schema}

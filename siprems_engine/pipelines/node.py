"""What a node is: a name, a schema of its parameters, and what it does with tables.

Nothing here or in `nodes/` loads pandas or scikit-learn when imported: the catalogue is read by processes
that never run a pipeline. What runs imports them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from siprems_engine.pipelines.columns import Columns

if TYPE_CHECKING:
    from pandas import DataFrame

    from siprems_engine.pipelines.table import Table

Parameters = Mapping[str, Any]


class Sources(Protocol):
    """Where the rows of source nodes come from; given to the runner by whoever owns the data."""

    def columns(self, node_type: str, parameters: Parameters) -> Sequence[str] | None:
        """Return the names of the columns if they are known without reading the rows.

        May raise `SourceError` if it is known already that there are no rows by these parameters.
        """

    def frame(self, node_type: str, parameters: Parameters) -> DataFrame:
        """Return the rows; raise `SourceError` if there are none by these parameters."""


@dataclass(frozen=True)
class Context:
    """What a node knows of the pipeline around it.

    `target` and `split` are those of the split that the node leads to or comes from.
    """

    sources: Sources
    seed: int = 0
    target: str | None = None
    split: Parameters | None = None
    key: str = ""


@dataclass(frozen=True, eq=False)
class Outcome:
    """The table a node hands on, and what it has to tell as plain data."""

    table: Table
    output: dict[str, Any] = field(default_factory=dict)


class Node:
    """One kind of work; subclasses are stateless."""

    node_type: ClassVar[str]
    title: ClassVar[str]
    category: ClassVar[str]
    properties: ClassVar[dict[str, Any]] = {}
    required: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[str, ...]] = ("rows",)
    outputs: ClassVar[tuple[str, ...]] = ("rows",)
    # Needs a split before it, so that what it learns is judged on rows it has not seen.
    needs_split: ClassVar[bool] = False
    needs_model: ClassVar[bool] = False

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameters."""
        return {
            "type": "object",
            "properties": self.properties,
            "required": list(self.required),
            "additionalProperties": False,
        }

    def describe(self) -> dict[str, Any]:
        """Return the node's entry in the catalogue, as plain data."""
        return {
            "node_type": self.node_type,
            "title": self.title,
            "category": self.category,
            "parameters": self.schema,
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
        }

    def complete(self, parameters: Parameters) -> dict[str, Any]:
        """Return the parameters with the defaults of the schema filled in."""
        defaults = {name: spec["default"] for name, spec in self.properties.items() if "default" in spec}
        return {**defaults, **parameters}

    def learns(self, parameters: Parameters) -> bool:  # noqa: ARG002
        """Return whether the node learns from rows, and so must not see those of the test part."""
        return False

    def needs_target(self, parameters: Parameters) -> bool:  # noqa: ARG002
        """Return whether the node must know which column is to be predicted."""
        return False

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """Return the columns the node reads, by the parameter that names them."""
        return {"columns": list(parameters["columns"])} if "columns" in parameters else {}

    def misuses(self, parameters: Parameters, target: str | None) -> str | None:  # noqa: ARG002
        """Return what is wrong with parameters that fit the schema, as a sentence; None if nothing is."""
        return None

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:  # noqa: ARG002
        """Return what is known of the columns the node hands on."""
        return before[0]

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Work on the input tables; raise `NodeError` if they do not allow it."""
        raise NotImplementedError

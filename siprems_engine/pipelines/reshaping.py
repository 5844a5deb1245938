"""Nodes that apply a function of `frames` and learn nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class FrameNode(Node):
    """A node that makes rows of rows by one function, to which its parameters are the arguments."""

    function: ClassVar[str]

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """The usual names of parameters that name columns."""
        read = {name: list(parameters[name]) for name in ("columns", "group_by") if name in parameters}
        read |= {name: [parameters[name]] for name in ("column", "order_by") if name in parameters}
        return read

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:  # noqa: ARG002
        """Apply the function and remember it for new rows."""
        return apply(tables[0], self.function, dict(parameters))


def apply(table: Table, function: str, parameters: dict[str, object]) -> Outcome:
    """Return the table after a function of `frames`, which new rows will go through as well."""
    from siprems_engine.pipelines.fitting import with_steps_of
    from siprems_engine.pipelines.steps import FrameStep

    step = FrameStep(function, parameters)
    made = with_steps_of(table, step.transform(table.frame), step)
    before = list(table.frame.columns)
    added = [name for name in made.frame.columns if name not in before]
    return Outcome(made, {"added": added, "rows_dropped": len(table.frame) - len(made.frame)})

"""Two tables become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Join(Node):
    """Rows of the left table with the columns of the row of the right table that has the same keys."""

    node_type = "join"
    title = "Join"
    category = "combine"
    properties = {
        "on": p.texts("The columns that are equal in rows that belong together."),
        "how": p.choice(
            ("left", "inner"), "Keep left rows without a partner (left), or drop them (inner).", "left"
        ),
    }
    required = ("on",)
    inputs = ("left", "right")

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """The keys, in both tables."""
        return {"on": list(parameters["on"])}

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """Columns of both; those of equal names get a suffix on the right."""
        left, right = before
        joined = left.add(right.names)
        return joined.opened() if right.is_open or left.names & right.names else joined

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Join; raises `NodeError` if keys of the right table repeat, which would repeat left rows."""
        from siprems_engine.pipelines.frames import require
        from siprems_engine.pipelines.table import Table

        left, right = (table.frame for table in tables)
        on = list(parameters["on"])
        require(left, on)
        require(right, on)
        if right.duplicated(on).any():
            raise NodeError(
                f"Rows of the right table share values of {', '.join(on)}: make them unique first."
            )
        try:
            frame = left.merge(right, on=on, how=parameters["how"], suffixes=("", "_right"))
        except ValueError as error:
            raise NodeError(f"The keys of both tables are of different kinds: {error}") from error
        return Outcome(Table(frame), {"left_rows": len(left), "right_rows": len(right)})


NODE = Join()

"""Some of the columns."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Parameters
from siprems_engine.pipelines.reshaping import FrameNode


class ChooseColumns(FrameNode):
    """Keeps or drops columns."""

    node_type = "columns"
    title = "Choose columns"
    category = "combine"
    function = "choose"
    properties = {"keep": p.texts("Columns to keep; all if left out."), "drop": p.texts("Columns to drop.")}

    def reads(self, parameters: Parameters) -> dict[str, list[str]]:
        """Columns to keep and to drop."""
        return {name: list(parameters[name]) for name in ("keep", "drop") if name in parameters}

    def misuses(self, parameters: Parameters, target: str | None) -> str | None:
        """The target must stay."""
        kept = parameters.get("keep")
        if target is not None and (
            target in parameters.get("drop", ()) or (kept is not None and target not in kept)
        ):
            return f"Column {target!r} is the target and must be kept."
        return None

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """Those kept."""
        kept = Columns.exactly(parameters["keep"]) if "keep" in parameters else before[0]
        return kept.drop(parameters.get("drop", ()))


NODE = ChooseColumns()

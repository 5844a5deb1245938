"""What the rows look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Profile(Node):
    """Types, missing and distinct values, quantiles, histograms, correlations."""

    node_type = "profile"
    title = "Profile"
    category = "checks"

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Tell, and hand the rows on."""
        from siprems_engine.pipelines.profiling import profile

        return Outcome(tables[0], profile(tables[0].frame))


NODE = Profile()

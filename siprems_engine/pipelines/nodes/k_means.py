"""Groups of similar rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class KMeans(Node):
    """Finds groups and adds the column `cluster`; needs no split, but keeps to the training part of one."""

    node_type = "k_means"
    title = "K-means"
    category = "model"
    outputs = ("rows", "model")
    properties = {"n_clusters": p.whole("How many groups.", 2, 1000, 8), "random_state": p.SEED}

    def learns(self, parameters: Parameters) -> bool:
        """Centres are learned."""
        return True

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """The group of each row comes in."""
        return before[0].add(["cluster"])

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Fit on the training rows, assign all."""
        from siprems_engine.pipelines.clustering import cluster
        from siprems_engine.pipelines.splitting import prepared

        seed = int(parameters.get("random_state", context.seed))
        table, output = cluster(prepared(tables[0], context), parameters["n_clusters"], seed)
        return Outcome(table, {**output, "model_id": context.key[:32]})


NODE = KMeans()

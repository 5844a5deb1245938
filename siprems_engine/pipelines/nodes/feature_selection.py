"""The features that tell most of the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

METHODS = ("chi_square", "f_score", "rfe", "mutual_info")


class FeatureSelection(Node):
    """Keeps the best features, as the training part tells."""

    node_type = "feature_selection"
    title = "Feature selection"
    category = "features"
    properties = {
        "method": p.choice(
            METHODS,
            "Chi-square (features not negative, classes to predict), F-score, recursive elimination by a "
            "linear model, or mutual information.",
        ),
        "k": p.whole("How many features to keep; all if there are fewer.", 1, 10_000),
    }
    required = ("method", "k")

    def learns(self, parameters: Parameters) -> bool:
        """Scores are those of the training part."""
        return True

    def needs_target(self, parameters: Parameters) -> bool:
        """Features are scored by the target."""
        return True

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Select; dates stay, for they are no features yet."""
        from siprems_engine.pipelines.fitting import with_steps_of
        from siprems_engine.pipelines.selecting import select
        from siprems_engine.pipelines.splitting import prepared
        from siprems_engine.pipelines.steps import DropStep

        table = prepared(tables[0], context)
        chosen = select(table, parameters["method"], parameters["k"], context.seed)
        step = DropStep([name for name in chosen.scores if name not in chosen.kept])
        told = {"kept": chosen.kept, "scores": chosen.scores, "fitted_on_rows": len(table.train)}
        return Outcome(with_steps_of(table, step.transform(table.frame), step), told)


NODE = FeatureSelection()

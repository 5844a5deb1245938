"""Nodes that learn to predict a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table

TASK = p.choice(
    ("auto", "regression", "classification"),
    "What to predict: numbers or classes. `auto` takes texts, booleans, encoded texts and numbers with two "
    "values for classes.",
    "auto",
)
TREES = p.whole("How many trees.", 1, 2000, 100)


def depth(default: int | None = None) -> dict[str, Any]:
    """Return the schema of the depth of a tree."""
    return p.whole("Deepest level of a tree; without limit if left out.", 1, 100, default)


class ModelNode(Node):
    """Fits a scikit-learn model on the training part and judges it on both parts."""

    category = "model"
    outputs = ("rows", "model")
    needs_split = True
    # The task of models that have only one.
    task: ClassVar[str] = "auto"
    takes_missing: ClassVar[bool] = False

    def learns(self, parameters: Parameters) -> bool:  # noqa: ARG002
        """A model learns."""
        return True

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return the unfitted model of a task."""
        raise NotImplementedError

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Fit and judge; the model's id is a digest of all it was made of."""
        from siprems_engine.pipelines.supervised import fit_model, task_of

        table = tables[0]
        task = task_of(table, str(parameters.get("task", self.task)))
        model = self.estimator(task, parameters, int(parameters.get("random_state", context.seed)))
        made, output = fit_model(table, model, task, takes_missing=self.takes_missing)
        return Outcome(made, {**output, "model_id": context.key[:32]})

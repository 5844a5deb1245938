"""Numbers of comparable size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.learning import LearningNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Scaling(LearningNode):
    """Scales by the mean and deviation, range, or median and quartiles of the training part."""

    node_type = "scaling"
    title = "Scaling"
    category = "scaling"
    properties = {
        "method": p.choice(
            ("standard", "minmax", "robust"), "By mean and deviation, by range, or by quartiles.", "standard"
        ),
        "columns": p.COLUMNS,
    }

    def transformer(self, columns: list[str], table: Table, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's scaler."""
        from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

        scalers = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
        return scalers[parameters["method"]]()


NODE = Scaling()

"""Invented houses, sources that hand frames out, and the pipeline of the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from siprems_engine.pipelines.errors import PipelineError

CITIES = ("Ankara", "Izmir", "Bursa")


def houses(rows: int = 200) -> pd.DataFrame:
    """Prices that follow from area, age and city, with some areas unknown."""
    rng = np.random.default_rng(7)
    area, age = rng.uniform(40, 200, rows), rng.integers(0, 60, rows)
    city = rng.choice(CITIES, rows)
    place = pd.Series(city).map({"Ankara": 30.0, "Izmir": 80.0, "Bursa": 0.0})
    price = 3.0 * area - 1.5 * age + place + rng.normal(0, 10, rows)
    area[rng.choice(rows, rows // 10, replace=False)] = np.nan
    return pd.DataFrame({"area": area, "age": age, "city": city, "price": price.to_numpy()})


class Frames:
    """Sources by `dataset_id`, and a count of how often each was read."""

    def __init__(self, **frames: pd.DataFrame) -> None:
        self.frames = frames
        self.read: list[str] = []

    def columns(self, node_type: str, parameters: Mapping[str, Any]) -> Sequence[str] | None:
        frame = self.frames.get(parameters.get("dataset_id", node_type))
        return None if frame is None else list(frame.columns)

    def frame(self, node_type: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
        name = parameters.get("dataset_id", node_type)
        self.read.append(name)
        if name not in self.frames:
            raise PipelineError(f"There is no dataset {name!r}.")
        return self.frames[name]


def node(
    node_type: str, node_id: str | None = None, inputs: Sequence[str] | None = None, **parameters: Any
) -> Any:
    spec: dict[str, Any] = {"node_type": node_type, "input": parameters}
    if node_id is not None:
        spec["id"] = node_id
    if inputs is not None:
        spec["inputs"] = list(inputs)
    return spec


def body(*nodes: Any, name: str = "houses") -> dict[str, Any]:
    return {"pipeline_name": name, "pipeline": list(nodes)}


SOURCE = node("upload_file", dataset_id="houses")
SPLIT = node("split", target="price", test_size=0.25, random_state=1)
GUIDE = body(
    SOURCE,
    node("missing_values", strategy="median", columns=["area"]),
    node("encoding", method="one_hot", columns=["city"]),
    node("scaling", method="standard", columns=["area", "age"]),
    node("feature_selection", method="f_score", k=4),
    SPLIT,
    node("linear_regression"),
)

"""Rows of a stored dataset."""

from __future__ import annotations

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.sourcing import SourceNode


class Dataset(SourceNode):
    """The rows of a dataset."""

    node_type = "dataset"
    title = "Dataset"
    properties = {"dataset_id": p.text("Id of the dataset.")}
    required = ("dataset_id",)


NODE = Dataset()

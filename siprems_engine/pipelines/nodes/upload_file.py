"""Rows of an uploaded file."""

from __future__ import annotations

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.sourcing import SourceNode


class UploadFile(SourceNode):
    """The rows of a file that was uploaded."""

    node_type = "upload_file"
    title = "Uploaded file"
    properties = {"dataset_id": p.text("Id of the uploaded dataset.")}
    required = ("dataset_id",)


NODE = UploadFile()

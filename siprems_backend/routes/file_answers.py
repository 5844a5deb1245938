"""Files that are sent while they are read."""

from __future__ import annotations

from flask import Response

from siprems_backend.services.exports import Export

FILE = {"type": "string", "format": "binary"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(export: Export) -> Response:
    """The answer that sends an export."""
    response = Response(export.chunks, content_type=export.mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{export.filename}"'
    return response

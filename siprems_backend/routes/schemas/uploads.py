"""How an upload looks to a client; the file itself is read as it comes and never passes through a schema."""

from __future__ import annotations

from typing import Any


def upload_body(description: str, **texts: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI body of a form with a file so described, and schemas of optional text fields beside it."""
    properties = {"file": {"type": "string", "format": "binary", "description": description}, **texts}
    schema = {"type": "object", "required": ["file"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}

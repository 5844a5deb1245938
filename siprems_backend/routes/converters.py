"""URL converters."""

from __future__ import annotations

from werkzeug.routing import BaseConverter


class SkuConverter(BaseConverter):
    """A SKU in a path: any text, percent-encoded by the client; slashes and dots belong to it."""

    regex = ".+?"
    part_isolating = False
    weight = 200

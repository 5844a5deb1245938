"""File names for SKUs: safe, distinct, and plain for plain SKUs."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

# Linux file systems take 255 bytes a name; prefix, suffix and a temporary mark must fit beside the SKU.
LONGEST = 200


def sku_filename(sku: str) -> str:
    """A file-name part for a SKU.

    Letters, digits, `-`, `_` and inner dots stay as they are; everything else is percent-encoded as UTF-8, so
    `A/B` and `..` are harmless. What would be too long for a file system ends in a digest, after `~`, which
    no encoded SKU contains.

    Raises:
        ValueError: for an empty SKU.
    """
    if not sku:
        raise ValueError("a SKU needs at least one character")
    encoded = quote(sku, safe="").replace("~", "%7E")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if len(encoded) <= LONGEST:
        return encoded
    digest = hashlib.sha256(sku.encode()).hexdigest()
    head = encoded[: LONGEST - len(digest) - 1].rsplit("%", 1)[0]
    return f"{head}~{digest}"

"""The keys by which clients mark a request that they may send again."""

from __future__ import annotations

import re

from siprems_backend.errors import Invalid

ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,200}")


def require_acceptable(key: str) -> None:
    """Refuse a key that the database or a log could not carry.

    Raises:
        Invalid: for anything but 1 to 200 visible ASCII characters.
    """
    if not ACCEPTABLE.fullmatch(key):
        raise Invalid(
            "Idempotency-Key must be 1 to 200 visible ASCII characters without blanks; a UUID is a good one.",
            code="invalid_idempotency_key",
        )

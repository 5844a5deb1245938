"""Why a message could not be delivered."""

from __future__ import annotations


class Undeliverable(Exception):
    """An attempt failed.

    `reason` is shown to the subscription's owner; `status` is what the receiver answered, if it did.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status

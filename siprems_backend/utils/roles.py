"""Roles of users and API keys."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """Roles in rising order of power; each may do what the ones before it may."""

    VIEWER = "viewer"
    CLERK = "clerk"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)

"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from siprems_backend.utils.roles import Role


@dataclass(frozen=True)
class Principal:
    """An authenticated caller: a person by token, or a machine by API key acting for its owner.

    `role` is what this call may do: for an API key the lower of the key's and its owner's role.
    """

    user_id: int
    email: str
    role: Role
    token_id: UUID | None = None
    family_id: UUID | None = None
    api_key_id: int | None = None

    def may(self, role: Role) -> bool:
        """Whether the caller may do what `role` may."""
        return self.role.includes(role)

"""API keys: how machines identify themselves. A key is shown once; only its digest is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from siprems_backend.errors import Forbidden, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import api_key_queries, audit
from siprems_backend.models.users import ApiKey
from siprems_backend.services import authentication
from siprems_backend.services.identity import Principal
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role
from siprems_backend.utils.single_line import single_line

PREFIX = "spk_"
RANDOM_BYTES = 32
# Enough of a key for a person to recognise it, too little to guess it: 8 of 43 random characters.
SHOWN_CHARACTERS = len(PREFIX) + 8
LONGEST_NAME = 100
LONGEST_LIFE = timedelta(days=3650)


@dataclass(frozen=True)
class KeyView:
    """What a person may see of a key; `key` itself only in the answer to its making."""

    id: int
    name: str
    prefix: str
    role: str
    owner: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    key: str | None = None


def create(principal: Principal, name: str, role: Role, expires_at: datetime | None = None) -> KeyView:
    """Make a key for the caller. The answer has the key itself, which nobody can ever show again.

    Raises:
        Forbidden: the caller is a machine, or has a lower role than the key should get.
        Invalid: name or time cannot be used.
    """
    authentication.require_person(principal)
    if not principal.may(role):
        raise Forbidden(
            f"A key cannot do more than its owner, who is '{principal.role}'.", code="role_too_low"
        )
    now = clock.now()
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        problem = f"Must be in the future, at most {LONGEST_LIFE.days} days ahead."
        raise Invalid(f"expires_at: {problem}", fields={"expires_at": [problem]})
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    row = ApiKey(
        user_id=principal.user_id,
        name=_normal_name(name),
        prefix=secret[:SHOWN_CHARACTERS],
        key_hash=authentication.digest(secret),
        role=role.value,
        expires_at=expires_at,
    )
    with database.transaction() as session:
        api_key_queries.add(session, row)
        audit.record(
            session,
            "api_key.created",
            user_id=principal.user_id,
            target=row.prefix,
            details={"name": row.name, "role": row.role},
        )
    return _view(row, principal.email, secret)


def page(principal: Principal, request: PageRequest, *, of_everybody: bool = False) -> Page[KeyView]:
    """The caller's keys, the newest first; of all users for an administrator who asks.

    Raises:
        Forbidden: somebody else asks for all.
    """
    if of_everybody and not principal.may(Role.ADMIN):
        raise Forbidden("Only administrators see the keys of others.", code="role_too_low")
    with database.reading() as session:
        found = api_key_queries.page(session, request, None if of_everybody else principal.user_id)
    return Page([_view(*item) for item in found.items], found.page, found.page_size, found.total)


def revoke(principal: Principal, key_id: int) -> None:
    """Refuse a key from now on; revoking it again changes nothing.

    Raises:
        Forbidden: the caller is a machine.
        NotFound: no such key, or another user's and the caller is not an administrator.
    """
    authentication.require_person(principal)
    owner_id = None if principal.may(Role.ADMIN) else principal.user_id
    with database.transaction() as session:
        key = api_key_queries.by_id(session, key_id, owner_id)
        if key is None:
            raise NotFound(f"You have no API key with id {key_id}.", code="api_key_not_found")
        if key.revoked_at is None:
            key.revoked_at = clock.now()
            audit.record(
                session,
                "api_key.revoked",
                user_id=principal.user_id,
                target=key.prefix,
                details={"name": key.name, "owner_id": key.user_id},
            )


def _view(row: ApiKey, owner: str, key: str | None = None) -> KeyView:
    return KeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        role=row.role,
        owner=owner,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        key=key,
    )


def _normal_name(text: str) -> str:
    try:
        name = single_line(text, LONGEST_NAME)
    except ValueError as error:
        raise Invalid(f"name: {error}", fields={"name": [str(error)]}) from None
    if not name:
        raise Invalid("name: Must not be empty.", fields={"name": ["Must not be empty."]})
    return name

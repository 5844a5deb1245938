"""API keys: made, used, listed, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from siprems_backend.errors import Forbidden, Invalid, NotFound, Unauthorized
from siprems_backend.extensions.database import Database
from siprems_backend.models.users import ApiKey
from siprems_backend.services import api_keys, authentication, users
from siprems_backend.services.identity import Principal
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests.factories import make_principal
from tests.services.accounts import audited

FIRST = PageRequest()


@pytest.fixture
def owner(database: Database) -> Principal:
    """An analyst."""
    return make_principal(database, Role.ANALYST)


def used_at(owner: Principal) -> datetime | None:
    """When the owner's only key was last used."""
    return api_keys.page(owner, FIRST).items[0].last_used_at


def test_a_key_speaks_for_its_owner_with_its_own_role(owner: Principal) -> None:
    made = api_keys.create(owner, "  Kasse 1 Ü ", Role.CLERK)
    principal = authentication.principal_of_api_key(made.key or "")
    assert (made.name, made.role, made.owner) == ("Kasse 1 Ü", "clerk", owner.email)
    assert (principal.user_id, principal.role, principal.api_key_id) == (owner.user_id, Role.CLERK, made.id)
    assert (made.key or "").startswith(made.prefix)
    assert made.prefix.startswith("spk_")
    assert len(made.key or "") - len(made.prefix) >= 32
    assert audited() == [("api_key.created", made.prefix)]


def test_it_never_does_more_than_its_owner_may_now(database: Database, owner: Principal) -> None:
    key = api_keys.create(owner, "till", Role.ANALYST).key or ""
    users.change(owner.user_id, role=Role.VIEWER)
    assert authentication.principal_of_api_key(key).role is Role.VIEWER
    users.change(owner.user_id, role=Role.OPERATOR)
    assert authentication.principal_of_api_key(key).role is Role.ANALYST
    users.change(owner.user_id, is_active=False)
    with pytest.raises(Unauthorized) as caught:
        authentication.principal_of_api_key(key)
    assert caught.value.code == "account_deactivated"


@pytest.mark.parametrize("key", ["", "spk_", "spk_" + "x" * 43, "\0", "\ud800", "ü", "x" * 100_000])
def test_unknown_keys(database: Database, key: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        authentication.principal_of_api_key(key)
    assert caught.value.code == "api_key_invalid"


def test_an_expired_key(database: Database, owner: Principal) -> None:
    made = api_keys.create(owner, "till", Role.VIEWER, clock.now() + timedelta(days=1))
    authentication.principal_of_api_key(made.key or "")
    with database.transaction() as session:
        session.execute(update(ApiKey).values(expires_at=clock.now()))
    with pytest.raises(Unauthorized):
        authentication.principal_of_api_key(made.key or "")


def test_the_last_use_is_noted_once_a_minute(database: Database, owner: Principal) -> None:
    made = api_keys.create(owner, "till", Role.VIEWER)
    assert used_at(owner) is None
    authentication.principal_of_api_key(made.key or "")
    first = used_at(owner)
    authentication.principal_of_api_key(made.key or "")
    assert first is not None
    assert used_at(owner) == first
    with database.transaction() as session:
        session.execute(update(ApiKey).values(last_used_at=first - timedelta(seconds=61)))
    authentication.principal_of_api_key(made.key or "")
    assert (used_at(owner) or first) > first


def test_no_role_above_the_owner(owner: Principal) -> None:
    with pytest.raises(Forbidden) as caught:
        api_keys.create(owner, "till", Role.ADMIN)
    assert caught.value.code == "role_too_low"


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\0b", "x" * 101])
def test_bad_names(owner: Principal, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        api_keys.create(owner, name, Role.VIEWER)
    assert list(caught.value.fields) == ["name"]


@pytest.mark.parametrize("days", [-1, 0, 3651, 2_000_000])
def test_bad_ends(owner: Principal, days: int) -> None:
    with pytest.raises(Invalid) as caught:
        api_keys.create(owner, "till", Role.VIEWER, clock.now() + timedelta(days=days))
    assert list(caught.value.fields) == ["expires_at"]


def test_a_key_cannot_make_or_revoke_keys(owner: Principal) -> None:
    made = api_keys.create(owner, "till", Role.ANALYST)
    machine = authentication.principal_of_api_key(made.key or "")
    with pytest.raises(Forbidden, match="not an API key"):
        api_keys.create(machine, "more", Role.VIEWER)
    with pytest.raises(Forbidden, match="not an API key"):
        api_keys.revoke(machine, made.id)


def test_lists_are_ones_own_unless_an_admin_asks(database: Database, owner: Principal) -> None:
    admin = make_principal(database, Role.ADMIN)
    mine = [api_keys.create(owner, f"till {number}", Role.VIEWER).id for number in range(3)]
    theirs = api_keys.create(admin, "till", Role.ADMIN).id
    assert [key.id for key in api_keys.page(owner, FIRST).items] == mine[::-1]
    assert [key.id for key in api_keys.page(admin, FIRST).items] == [theirs]
    everybody = api_keys.page(admin, PageRequest(2, 3), of_everybody=True)
    assert ([key.id for key in everybody.items], everybody.total) == ([mine[0]], 4)
    assert all(key.key is None for key in everybody.items)
    with pytest.raises(Forbidden):
        api_keys.page(owner, FIRST, of_everybody=True)


def test_revoking(database: Database, owner: Principal) -> None:
    made = api_keys.create(owner, "till", Role.VIEWER)
    with pytest.raises(NotFound):
        api_keys.revoke(make_principal(database, Role.OPERATOR), made.id)
    with pytest.raises(NotFound):
        api_keys.revoke(owner, 10**30)
    api_keys.revoke(owner, made.id)
    revoked_at = api_keys.page(owner, FIRST).items[0].revoked_at
    api_keys.revoke(make_principal(database, Role.ADMIN), made.id)
    assert revoked_at is not None
    assert api_keys.page(owner, FIRST).items[0].revoked_at == revoked_at
    with pytest.raises(Unauthorized):
        authentication.principal_of_api_key(made.key or "")
    assert [action for action, _ in audited()] == ["api_key.created", "api_key.revoked"]

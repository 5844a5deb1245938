"""Accounts, as administrators see and change them."""

from __future__ import annotations

import pytest

from siprems_backend.errors import Conflict, Invalid, NotFound, ServiceError
from siprems_backend.extensions.database import Database
from siprems_backend.services import users
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role
from tests.factories import make_principal
from tests.services.accounts import PASSWORD, at_once, audited, make_account, sign_in

FIRST = PageRequest()


@pytest.fixture(autouse=True)
def _clean(database: Database) -> None:
    """Every test of this module writes."""


def test_pages_filters_and_search() -> None:
    for number in range(5):
        users.create(f"clerk{number}@example.com", f"Käthe {number}", PASSWORD, Role.CLERK)
    users.create("100%_sure@example.com", "Ann", PASSWORD, Role.ADMIN)
    users.change(1, is_active=False)
    page = users.page(PageRequest(2, 2))
    assert ([user.id for user in page.items], page.total) == ([3, 4], 6)
    assert users.page(FIRST, search="KÄTHE").total == 5
    assert users.page(FIRST, search="CLERK3@").total == 1
    assert users.page(FIRST, search="%_").total == 1
    assert users.page(FIRST, search="nobody").total == 0
    assert users.page(FIRST, role=Role.ADMIN).total == 1
    assert [user.id for user in users.page(FIRST, is_active=False, role=Role.CLERK).items] == [1]
    assert users.page(PageRequest(1_000_000, 200)).items == []


def test_an_address_has_one_account() -> None:
    make_account()
    with pytest.raises(Conflict) as caught:
        make_account(" ANN@example.com")
    assert caught.value.code == "email_taken"


def test_changes_are_audited_with_who_made_them(database: Database) -> None:
    admin = make_principal(database, Role.ADMIN)
    account = make_account()
    users.change(account.id, role=Role.CLERK, by=admin)
    changed = users.change(account.id, role=Role.CLERK, is_active=False, by=admin)
    assert (changed.role, changed.is_active) == ("clerk", False)
    assert audited() == [
        ("user.created", "ann@example.com"),
        ("user.role_changed", "ann@example.com"),
        ("user.deactivated", "ann@example.com"),
    ]


@pytest.mark.parametrize("change", [{"role": Role.OPERATOR}, {"is_active": False}])
def test_the_last_active_admin_stays(change: dict) -> None:
    admin = make_account(role=Role.ADMIN)
    other = make_account("bob@example.com", role=Role.ADMIN)
    users.change(other.id, is_active=False)
    with pytest.raises(Conflict) as caught:
        users.change(admin.id, **change)
    assert caught.value.code == "last_admin"
    users.change(admin.id, role=Role.ADMIN, is_active=True)
    users.change(other.id, is_active=True)
    users.change(admin.id, **change)


def test_two_admins_cannot_remove_each_other_at_once() -> None:
    admins = [make_account(f"admin{number}@example.com", Role.ADMIN).id for number in range(4)]
    answers = at_once([lambda user_id=user_id: users.change(user_id, role=Role.VIEWER) for user_id in admins])
    assert sum(isinstance(answer, ServiceError) for answer in answers) == 1
    assert users.page(FIRST, role=Role.ADMIN).total == 1


def test_an_operator_sets_a_password() -> None:
    make_account()
    sign_in()
    users.set_password("ANN@example.com", "another horse")
    sign_in(password="another horse")
    with pytest.raises(Invalid):
        users.set_password("ann@example.com", "Ann@Example.com")
    assert ("user.password_set", "ann@example.com") in audited()


@pytest.mark.parametrize("user_id", [0, -1, 999, 10**30])
def test_nobody(user_id: int) -> None:
    with pytest.raises(NotFound):
        users.by_id(user_id)
    with pytest.raises(NotFound):
        users.change(user_id, role=Role.ADMIN)


def test_no_account_for_an_address() -> None:
    with pytest.raises(NotFound):
        users.by_email("nobody@example.com")
    with pytest.raises(Invalid):
        users.by_email("nobody")

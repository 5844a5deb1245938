"""Accounts, as administrators see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import api_key_queries, audit, session_queries, user_queries
from siprems_backend.models.users import User
from siprems_backend.services import passwords
from siprems_backend.services.identity import Principal
from siprems_backend.utils import clock, email_address
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role
from siprems_backend.utils.single_line import single_line

LONGEST_NAME = 200


def page(
    request: PageRequest,
    *,
    search: str | None = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> Page[User]:
    """Users that match all filters given, oldest first."""
    with database.reading() as session:
        return user_queries.page(session, request, search=search, role=role, is_active=is_active)


def create(email: str, full_name: str, password: str, role: Role, *, by: Principal | None = None) -> User:
    """Make an account for somebody; `by` is None when an operator does it on the command line.

    Raises:
        Invalid: e-mail, name or password cannot be used.
        Conflict: the address has an account.
    """
    values = account_values(email, full_name, password)
    with database.transaction() as session:
        user_queries.lock_roster(session)
        user = user_queries.add_if_new(session, {**values, "role": role.value})
        if user is None:
            raise email_taken(values["email"])
        _record(session, "user.created", user, by, {"role": role.value})
    return user


def change(
    user_id: int, *, role: Role | None = None, is_active: bool | None = None, by: Principal | None = None
) -> User:
    """Change what is not None. It acts at once: a deactivated user's sessions end.

    Raises:
        NotFound: no such user.
        Conflict: nobody could administer the instance afterwards.
    """
    with database.transaction() as session:
        user_queries.lock_roster(session)
        user = user_queries.by_id(session, user_id, lock=True)
        if user is None:
            raise _no_such_id(user_id)
        _keep_an_admin(
            session, user, role or Role(user.role), user.is_active if is_active is None else is_active
        )
        if role is not None and user.role != role:
            _record(session, "user.role_changed", user, by, {"from": user.role, "to": role.value})
            user.role = role.value
        if is_active is not None and user.is_active != is_active:
            _record(session, "user.activated" if is_active else "user.deactivated", user, by)
            user.is_active = is_active
            if not is_active:
                session_queries.revoke_families(session, user.id, clock.now())
    return user


def set_password(email: str, password: str) -> User:
    """Give an account a new password and end its sessions and API keys, as an operator may.

    Raises:
        NotFound: no such account.
        Invalid: the password cannot be used.
    """
    account = by_email(email)
    passwords.check(password, account.email)
    new_hash = passwords.hashed(password)
    with database.transaction() as session:
        user = user_queries.by_id(session, account.id, lock=True)
        if user is None:
            raise _unknown(email)
        user.password_hash = new_hash
        session_queries.revoke_families(session, user.id, clock.now())
        api_key_queries.revoke_all(session, user.id, clock.now())
        _record(session, "user.password_set", user, None)
    return user


def by_id(user_id: int) -> User:
    """The account with this id.

    Raises:
        NotFound: there is none.
    """
    with database.reading() as session:
        user = user_queries.by_id(session, user_id)
    if user is None:
        raise _no_such_id(user_id)
    return user


def by_email(email: str) -> User:
    """The account of this address.

    Raises:
        Invalid: this cannot be an address.
        NotFound: it has no account.
    """
    with database.reading() as session:
        user = user_queries.by_email(session, normal_email(email))
    if user is None:
        raise _unknown(email)
    return user


def account_values(email: str, full_name: str, password: str) -> dict[str, Any]:
    """Column values of a new account.

    Raises:
        Invalid: e-mail, name or password cannot be used.
    """
    address = normal_email(email)
    name = _normal_name(full_name)
    passwords.check(password, address)
    return {"email": address, "full_name": name, "password_hash": passwords.hashed(password)}


def normal_email(text: str) -> str:
    """The address as accounts are kept under.

    Raises:
        Invalid: this cannot be an address.
    """
    try:
        return email_address.normalise(text)
    except ValueError as error:
        raise Invalid(str(error), code="invalid_email", fields={"email": [str(error)]}) from None


def email_taken(email: str) -> Conflict:
    """The refusal of a second account for one address."""
    return Conflict(f"There is an account for {email}; sign in instead.", code="email_taken")


def _normal_name(text: str) -> str:
    try:
        name = single_line(text, LONGEST_NAME)
    except ValueError as error:
        raise Invalid(str(error), fields={"full_name": [str(error)]}) from None
    if not name:
        problem = "A name must not be empty."
        raise Invalid(problem, fields={"full_name": [problem]})
    return name


def _keep_an_admin(session: Session, user: User, role: Role, is_active: bool) -> None:
    was_admin = user.is_active and user.role == Role.ADMIN
    stays_admin = is_active and role is Role.ADMIN
    if was_admin and not stays_admin and not user_queries.other_active_admins(session, user.id):
        raise Conflict(
            "This is the last active administrator; make somebody else one first.", code="last_admin"
        )


def _record(
    session: Session, action: str, user: User, by: Principal | None, details: dict[str, Any] | None = None
) -> None:
    """An audit row; without `by` the operator at the command line did it."""
    extra = dict(details or {}) if by else {**(details or {}), "by": "command line"}
    audit.record(session, action, user_id=by.user_id if by else None, target=user.email, details=extra)


def _no_such_id(user_id: int) -> NotFound:
    return NotFound(f"No user with id {user_id}.", code="user_not_found")


def _unknown(email: str) -> NotFound:
    return NotFound(f"No account for {email}.", code="user_not_found")

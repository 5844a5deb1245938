"""Who somebody is: registering, signing in and out, and what tokens and keys stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.errors import Forbidden, Invalid, Unauthorized
from siprems_backend.extensions.database import database
from siprems_backend.models import api_key_queries, audit, session_queries, user_queries
from siprems_backend.models.api_key_queries import Holder
from siprems_backend.models.session_queries import Bearer
from siprems_backend.models.users import User
from siprems_backend.services import passwords, sessions, users
from siprems_backend.services.identity import Principal
from siprems_backend.services.sessions import Grant
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

# An API key may be used a thousand times a minute; when, matters to a minute.
LAST_USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True)
class PasswordChange:
    """What a new password ended."""

    sessions_ended: int
    api_keys_revoked: int


def principal_of_token(claims: Mapping[str, Any]) -> Principal:
    """The caller with an access token of these (verified) claims, with the role as the database has it now.

    Raises:
        Unauthorized: logged out, session revoked, or the user is gone or deactivated.
    """
    ids = sessions.token_ids(claims)
    with database.lookup() as connection:
        bearer = session_queries.bearer(connection, ids.user_id, ids.jti, ids.family_id)
    if bearer is None or bearer.family_revoked is None:
        raise sessions.invalid_token()
    _require_active(bearer)
    if bearer.is_denied or bearer.family_revoked:
        raise sessions.revoked_token()
    role = Role(bearer.role)
    return Principal(ids.user_id, bearer.email, role, token_id=ids.jti, family_id=ids.family_id)


def principal_of_api_key(key: str) -> Principal:
    """The caller with this API key, with the lower of the key's and its owner's role.

    Raises:
        Unauthorized: unknown, expired or revoked, or its owner is deactivated.
    """
    now = clock.now()
    with database.lookup() as connection:
        held = api_key_queries.holder(connection, digest(key))
    if held is None or not held.usable_at(now):
        raise Unauthorized("This API key is unknown, expired or revoked.", code="api_key_invalid")
    _require_active(held)
    stale_since = now - LAST_USE_PRECISION
    if held.last_used_at is None or held.last_used_at <= stale_since:
        with database.transaction() as session:
            api_key_queries.touch(session, held.key_id, now, unless_since=stale_since)
    role = min(Role(held.role), Role(held.owner_role), key=list(Role).index)
    return Principal(held.owner_id, held.email, role, api_key_id=held.key_id)


def digest(key: str) -> str:
    """What is kept of an API key; it is random and long, so a fast digest is enough."""
    return hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).hexdigest()


def register(email: str, full_name: str, password: str, *, address: str | None = None) -> User:
    """Make an account. The first of an empty instance becomes admin, later ones start as viewer.

    Raises:
        Forbidden: registration is closed.
        Invalid: e-mail, name or password cannot be used.
        Conflict: the address has an account.
    """
    if not get_settings().open_registration:
        raise Forbidden(
            "Registration is closed here; ask an administrator for an account.", code="registration_closed"
        )
    values = users.account_values(email, full_name, password)
    with database.transaction() as session:
        user_queries.lock_roster(session)
        role = Role.VIEWER if user_queries.any_exists(session) else Role.ADMIN
        user = user_queries.add_if_new(session, {**values, "role": role.value})
        if user is None:
            raise users.email_taken(values["email"])
        audit.record(
            session,
            "auth.registered",
            user_id=user.id,
            target=user.email,
            details={"role": role.value},
            address=address,
        )
    return user


def login(email: str, password: str, *, address: str | None = None) -> tuple[User, Grant]:
    """Sign in.

    Raises:
        Invalid: this cannot be an e-mail address.
        Unauthorized: wrong address or password (which of them is not said), or the account is deactivated.
    """
    email = users.normal_email(email)
    with database.reading() as session:
        known = user_queries.by_email(session, email)
    # Also for an unknown address, so that the time of the answer does not tell which ones are known.
    correct = passwords.matches(known.password_hash if known else None, password)
    if known is None or not correct:
        raise _login_failed(email, known, address)
    verified = known.password_hash
    new_hash = passwords.hashed(password) if passwords.is_outdated(verified) else verified
    with database.transaction() as session:
        user = user_queries.by_id(session, known.id, lock=True)
        # A password changed since it was verified must not open a session any more.
        if user is not None and user.is_active and user.password_hash == verified:
            user.password_hash = new_hash
            user.last_login_at = clock.now()
            audit.record(session, "auth.login", user_id=user.id, target=user.email, address=address)
            return user, sessions.start(session, user.id)
    if user is not None:
        _require_active(user)
    raise _login_failed(email, known, address)


def refresh(claims: Mapping[str, Any], *, address: str | None = None) -> Grant:
    """The next pair of tokens for the refresh token of these (verified) claims, which is used up.

    Raises:
        Unauthorized: it was used, which ends the session, or the session has ended.
    """
    ids = sessions.token_ids(claims)
    with database.transaction() as session:
        grant = sessions.rotate(session, ids, address=address)
    if grant is None:
        raise sessions.revoked_token()
    return grant


def logout(principal: Principal, expires_at: int) -> None:
    """End the session of this access token, which expires at this Unix time."""
    require_person(principal)
    with database.transaction() as session:
        if principal.token_id is not None:
            session_queries.deny(session, principal.token_id, datetime.fromtimestamp(expires_at, UTC))
        if principal.family_id is not None:
            session_queries.revoke_family(session, principal.family_id, clock.now())
        audit.record(session, "auth.logout", user_id=principal.user_id, target=principal.email)


def change_password(
    principal: Principal,
    current_password: str,
    new_password: str,
    *,
    keep_api_keys: bool = False,
    address: str | None = None,
) -> PasswordChange:
    """Change the caller's password; every other session ends, and every API key unless they are kept.

    Raises:
        Forbidden: the caller is a machine.
        Invalid: the current password is wrong, or the new one cannot be used.
    """
    require_person(principal)
    user = profile(principal)
    if not passwords.matches(user.password_hash, current_password):
        raise _wrong_current_password()
    if current_password == new_password:
        problem = "The new password is the current one."
        raise Invalid(problem, code="password_refused", fields={"new_password": [problem]})
    passwords.check(new_password, user.email, field="new_password")
    new_hash = passwords.hashed(new_password)
    now = clock.now()
    with database.transaction() as session:
        locked = user_queries.by_id(session, user.id, lock=True)
        if locked is None or locked.password_hash != user.password_hash:
            raise _wrong_current_password()
        locked.password_hash = new_hash
        change = PasswordChange(
            session_queries.revoke_families(session, user.id, now, kept=principal.family_id),
            0 if keep_api_keys else api_key_queries.revoke_all(session, user.id, now),
        )
        audit.record(session, "auth.password_changed", user_id=user.id, target=user.email, address=address)
    return change


def profile(principal: Principal) -> User:
    """The caller's own account.

    Raises:
        Unauthorized: it was deleted meanwhile.
    """
    with database.reading() as session:
        user = user_queries.by_id(session, principal.user_id)
    if user is None:
        raise sessions.invalid_token()
    return user


def require_person(principal: Principal) -> None:
    """Refuse machines: whoever steals an API key must not be able to make it more than it is.

    Raises:
        Forbidden: the caller came with an API key.
    """
    if principal.api_key_id is not None:
        raise Forbidden("This needs a signed-in person, not an API key.", code="person_required")


def forget_expired() -> int:
    """Delete refresh tokens and denied access tokens that have expired; how many."""
    with database.transaction() as session:
        return session_queries.delete_expired(session, clock.now())


def _require_active(user: User | Bearer | Holder) -> None:
    if not user.is_active:
        raise Unauthorized("This account is deactivated; ask an administrator.", code="account_deactivated")


def _login_failed(email: str, known: User | None, address: str | None) -> Unauthorized:
    with database.transaction() as session:
        user_id = known.id if known else None
        audit.record(session, "auth.login_failed", user_id=user_id, target=email, address=address)
    return Unauthorized("E-mail or password is wrong.", code="invalid_credentials")


def _wrong_current_password() -> Invalid:
    problem = "The current password is wrong."
    return Invalid(problem, code="wrong_password", fields={"current_password": [problem]})

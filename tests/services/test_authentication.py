"""Registering, signing in and out, rotation, revocation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from siprems_backend.errors import Conflict, Forbidden, Invalid, ServiceError, Unauthorized
from siprems_backend.extensions.database import Database
from siprems_backend.models.users import ApiKey, RefreshToken, RevokedToken, User
from siprems_backend.services import api_keys, authentication, passwords, users
from siprems_backend.services.identity import Principal
from siprems_backend.services.sessions import Grant
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.services.accounts import (
    PASSWORD,
    access_claims,
    at_once,
    audited,
    make_account,
    refresh_claims,
    sign_in,
)


@pytest.fixture(autouse=True)
def _clean(database: Database) -> None:
    """Every test of this module writes."""


def refusal_of(claims: dict[str, Any]) -> str:
    """Why a token with these claims is refused."""
    with pytest.raises(Unauthorized) as caught:
        authentication.principal_of_token(claims)
    return caught.value.code


def is_accepted(grant: Grant) -> bool:
    """Whether access tokens of this grant are accepted."""
    try:
        return authentication.principal_of_token(access_claims(grant)).user_id == grant.user_id
    except Unauthorized:
        return False


class TestRegister:
    def test_the_first_is_admin_and_the_others_are_viewers(self) -> None:
        first = authentication.register("Ann@Example.com", "  Änn  ", PASSWORD)
        second = authentication.register("bob@example.com", "Bob", PASSWORD)
        assert (first.email, first.full_name, first.role) == ("ann@example.com", "Änn", "admin")
        assert (second.role, second.is_active) == ("viewer", True)
        assert audited() == [("auth.registered", "ann@example.com"), ("auth.registered", "bob@example.com")]

    def test_of_many_first_ones_exactly_one_is_admin(self) -> None:
        calls = [
            lambda number=number: authentication.register(f"user{number}@example.com", "Ann", PASSWORD)
            for number in range(6)
        ]
        roles = [user.role for user in at_once(calls) if isinstance(user, User)]
        assert sorted(roles) == ["admin"] + ["viewer"] * 5

    def test_of_many_with_one_address_exactly_one_succeeds(self) -> None:
        spellings = ["ann@example.com", "ANN@example.com", " Ann@Example.Com", "ａnn@example.com"]
        calls = [lambda text=text: authentication.register(text, "Ann", PASSWORD) for text in spellings]
        answers = at_once(calls)
        assert sum(isinstance(answer, User) for answer in answers) == 1
        assert {type(answer) for answer in answers} == {User, Conflict}

    @pytest.mark.parametrize(
        ("email", "name", "password", "field"),
        [
            ("ann", "Ann", PASSWORD, "email"),
            ("ann@example.com", "", PASSWORD, "full_name"),
            ("ann@example.com", "  ", PASSWORD, "full_name"),
            ("ann@example.com", "A\0nn", PASSWORD, "full_name"),
            ("ann@example.com", "x" * 201, PASSWORD, "full_name"),
            ("ann@example.com", "Ann", "short", "password"),
            ("ann@example.com", "Ann", "ANN@example.com", "password"),
        ],
    )
    def test_bad_values_name_their_field(self, email: str, name: str, password: str, field: str) -> None:
        with pytest.raises(Invalid) as caught:
            authentication.register(email, name, password)
        assert list(caught.value.fields) == [field]
        assert audited() == []

    def test_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = authentication.get_settings().model_copy(update={"open_registration": False})
        monkeypatch.setattr(authentication, "get_settings", lambda: closed)
        with pytest.raises(Forbidden) as caught:
            authentication.register("ann@example.com", "Ann", PASSWORD)
        assert caught.value.code == "registration_closed"


class TestLogin:
    def test_signs_in_whatever_the_case(self) -> None:
        make_account(role=Role.CLERK)
        user, grant = authentication.login(" ANN@Example.com ", PASSWORD, address="192.0.2.1")
        principal = authentication.principal_of_token(access_claims(grant))
        assert (principal.email, principal.role) == ("ann@example.com", Role.CLERK)
        assert user.last_login_at is not None
        assert audited()[-1] == ("auth.login", "ann@example.com")

    @pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
    def test_what_was_wrong_is_not_said(self, email: str) -> None:
        make_account()
        with pytest.raises(Unauthorized, match="E-mail or password is wrong") as caught:
            authentication.login(email, "wrong horse")
        assert caught.value.code == "invalid_credentials"
        assert audited()[-1] == ("auth.login_failed", email)

    def test_a_deactivated_account_says_so_only_to_who_knows_the_password(self) -> None:
        users.change(make_account().id, is_active=False)
        with pytest.raises(Unauthorized) as knowing:
            authentication.login("ann@example.com", PASSWORD)
        with pytest.raises(Unauthorized) as guessing:
            authentication.login("ann@example.com", "wrong horse")
        assert (knowing.value.code, guessing.value.code) == ("account_deactivated", "invalid_credentials")

    def test_an_account_without_a_password_cannot_sign_in(self, database: Database) -> None:
        make_account()
        with database.transaction() as session:
            session.execute(update(User).values(password_hash="!"))
        with pytest.raises(Unauthorized):
            authentication.login("ann@example.com", "!")

    def test_an_old_hash_is_replaced(self, database: Database) -> None:
        account = make_account()
        old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
        with database.transaction() as session:
            session.execute(update(User).values(password_hash=old))
        authentication.login("ann@example.com", PASSWORD)
        kept = users.by_id(account.id).password_hash
        assert kept != old
        assert not passwords.is_outdated(kept)
        authentication.login("ann@example.com", PASSWORD)
        assert users.by_id(account.id).password_hash == kept

    def test_a_password_changed_meanwhile_opens_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_account()
        matches = passwords.matches

        def slow(kept: str | None, password: str) -> bool:
            answer = matches(kept, password)
            users.set_password("ann@example.com", "another horse")
            return answer

        monkeypatch.setattr(passwords, "matches", slow)
        with pytest.raises(Unauthorized) as caught:
            authentication.login("ann@example.com", PASSWORD)
        assert caught.value.code == "invalid_credentials"


class TestTokens:
    @pytest.mark.parametrize(
        "changed",
        [
            {"sub": "999"},
            {"sub": "9" * 30},
            {"sub": "ann"},
            {"sub": None},
            {"jti": "x"},
            {"jti": 5},
            {"fam": None},
            {"fam": str(uuid4())},
        ],
    )
    def test_claims_that_mean_nothing(self, changed: dict[str, Any]) -> None:
        make_account()
        _, grant = sign_in()
        assert refusal_of({**access_claims(grant), **changed}) == "token_invalid"

    def test_a_claim_that_is_missing(self) -> None:
        make_account()
        claims = access_claims(sign_in()[1])
        del claims["fam"]
        assert refusal_of(claims) == "token_invalid"

    def test_the_family_of_another_user(self) -> None:
        make_account()
        make_account("bob@example.com")
        ann, bob = sign_in()[1], sign_in("bob@example.com")[1]
        assert refusal_of({**access_claims(ann), "fam": str(bob.family_id)}) == "token_invalid"

    def test_roles_and_activity_act_at_once(self) -> None:
        make_account("admin@example.com", Role.ADMIN)
        account = make_account()
        _, grant = sign_in()
        claims = access_claims(grant)
        users.change(account.id, role=Role.OPERATOR)
        assert authentication.principal_of_token(claims).role is Role.OPERATOR
        users.change(account.id, is_active=False)
        assert refusal_of(claims) == "account_deactivated"
        users.change(account.id, is_active=True)
        # Being let in again does not bring old sessions back.
        assert refusal_of(claims) == "token_revoked"
        with pytest.raises(Unauthorized):
            authentication.refresh(refresh_claims(grant))


class TestRefresh:
    def test_a_chain(self) -> None:
        make_account()
        _, grant = sign_in()
        for _ in range(3):
            following = authentication.refresh(refresh_claims(grant))
            assert following.family_id == grant.family_id
            assert following.refresh_jti != grant.refresh_jti
            assert is_accepted(grant)
            grant = following
        assert is_accepted(grant)

    def test_a_reuse_ends_the_family_and_no_other(self) -> None:
        make_account()
        _, first = sign_in()
        _, other = sign_in()
        second = authentication.refresh(refresh_claims(first))
        with pytest.raises(Unauthorized) as caught:
            authentication.refresh(refresh_claims(first))
        assert caught.value.code == "token_revoked"
        assert not is_accepted(second)
        with pytest.raises(Unauthorized):
            authentication.refresh(refresh_claims(second))
        assert is_accepted(other)
        assert audited()[-1] == ("auth.refresh_reused", str(first.family_id))

    def test_of_many_at_once_exactly_one_wins_and_the_session_ends(self) -> None:
        make_account()
        _, grant = sign_in()
        answers = at_once([lambda: authentication.refresh(refresh_claims(grant))] * 6)
        winners = [answer for answer in answers if isinstance(answer, Grant)]
        assert len(winners) == 1
        assert not is_accepted(winners[0])
        assert audited().count(("auth.refresh_reused", str(grant.family_id))) == 1

    def test_a_refresh_beside_a_logout_survives_it_in_no_order(self) -> None:
        make_account()
        for _ in range(5):
            principal, grant = sign_in()
            answers = at_once(
                [
                    lambda grant=grant: authentication.refresh(refresh_claims(grant)),
                    lambda principal=principal: authentication.logout(
                        principal, int(clock.now().timestamp())
                    ),
                ]
            )
            assert not is_accepted(grant)
            if isinstance(answers[0], Grant):
                with pytest.raises(Unauthorized):
                    authentication.refresh(refresh_claims(answers[0]))

    def test_an_unknown_or_foreign_token(self) -> None:
        make_account()
        bob = make_account("bob@example.com")
        _, grant = sign_in()
        for changed in ({"jti": str(uuid4())}, {"sub": str(bob.id)}):
            with pytest.raises(Unauthorized):
                authentication.refresh({**refresh_claims(grant), **changed})
        assert is_accepted(grant)

    def test_one_that_the_database_calls_expired(self, database: Database) -> None:
        make_account()
        _, grant = sign_in()
        with database.transaction() as session:
            session.execute(update(RefreshToken).values(expires_at=clock.now() - timedelta(seconds=1)))
        with pytest.raises(Unauthorized):
            authentication.refresh(refresh_claims(grant))


class TestLogout:
    def test_ends_this_session_only(self, database: Database) -> None:
        make_account()
        principal, grant = sign_in()
        _, other = sign_in()
        authentication.logout(principal, int(clock.now().timestamp()) + 60)
        assert refusal_of({**access_claims(grant), "jti": str(principal.token_id)}) == "token_revoked"
        assert not is_accepted(grant)
        assert is_accepted(other)
        with database.reading() as session:
            assert session.scalar(select(RevokedToken.jti)) == principal.token_id
        authentication.logout(principal, int(clock.now().timestamp()) + 60)

    def test_the_deny_list_alone_refuses(self, database: Database) -> None:
        make_account()
        principal, grant = sign_in()
        authentication.logout(principal, int(clock.now().timestamp()) + 60)
        with database.transaction() as session:
            session.execute(update(RefreshToken).values(revoked_at=None))
        assert refusal_of({**access_claims(grant), "jti": str(principal.token_id)}) == "token_revoked"
        assert is_accepted(grant)


class TestChangePassword:
    def test_everything_else_ends(self) -> None:
        make_account()
        principal, grant = sign_in()
        _, other = sign_in()
        key = api_keys.create(principal, "till", Role.VIEWER)
        change = authentication.change_password(principal, PASSWORD, "another horse")
        assert (change.sessions_ended, change.api_keys_revoked) == (1, 1)
        assert is_accepted(grant)
        assert not is_accepted(other)
        with pytest.raises(Unauthorized):
            authentication.refresh(refresh_claims(other))
        with pytest.raises(Unauthorized):
            authentication.principal_of_api_key(key.key or "")
        with pytest.raises(Unauthorized):
            sign_in()
        sign_in(password="another horse")
        authentication.refresh(refresh_claims(grant))
        assert ("auth.password_changed", "ann@example.com") in audited()

    def test_keys_may_be_kept(self) -> None:
        make_account()
        principal, _ = sign_in()
        key = api_keys.create(principal, "till", Role.VIEWER)
        change = authentication.change_password(principal, PASSWORD, "another horse", keep_api_keys=True)
        assert change.api_keys_revoked == 0
        assert authentication.principal_of_api_key(key.key or "").user_id == principal.user_id

    @pytest.mark.parametrize(
        ("current", "new", "field"),
        [
            ("wrong horse", "another horse", "current_password"),
            (PASSWORD, PASSWORD, "new_password"),
            (PASSWORD, "short", "new_password"),
            (PASSWORD, "ann@example.com", "new_password"),
        ],
    )
    def test_refused(self, current: str, new: str, field: str) -> None:
        make_account()
        principal, _ = sign_in()
        with pytest.raises(Invalid) as caught:
            authentication.change_password(principal, current, new)
        assert list(caught.value.fields) == [field]
        sign_in()

    def test_of_two_at_once_one_wins(self) -> None:
        make_account()
        principal, _ = sign_in()
        calls = [
            lambda new=new: authentication.change_password(principal, PASSWORD, new)
            for new in ("another horse", "the other horse")
        ]
        refusals = [answer for answer in at_once(calls) if isinstance(answer, ServiceError)]
        assert [refusal.code for refusal in refusals] == ["wrong_password"]

    def test_machines_may_not(self) -> None:
        make_account()
        principal, _ = sign_in()
        key = api_keys.create(principal, "till", Role.VIEWER)
        machine = authentication.principal_of_api_key(key.key or "")
        for call in (
            lambda: authentication.change_password(machine, PASSWORD, "another horse"),
            lambda: authentication.logout(machine, 0),
        ):
            with pytest.raises(Forbidden) as caught:
                call()
            assert caught.value.code == "person_required"


def test_the_profile_of_somebody_who_is_gone() -> None:
    with pytest.raises(Unauthorized):
        authentication.profile(Principal(999, "ann@example.com", Role.VIEWER))


def test_only_what_has_expired_is_forgotten(database: Database) -> None:
    make_account()
    principal, grant = sign_in()
    kept = authentication.refresh(refresh_claims(grant))
    _, gone = sign_in()
    past = clock.now() - timedelta(seconds=1)
    with database.transaction() as session:
        expired = RefreshToken.jti.in_([grant.refresh_jti, gone.refresh_jti])
        session.execute(update(RefreshToken).where(expired).values(expires_at=past))
        session.add_all(
            [
                RevokedToken(jti=uuid4(), expires_at=past),
                RevokedToken(jti=principal.token_id, expires_at=clock.now() + timedelta(hours=1)),
            ]
        )
    # The expired token of a living family stays: a revocation may be written on it alone.
    assert authentication.forget_expired() == 2
    assert authentication.forget_expired() == 0
    assert is_accepted(kept)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RefreshToken)) == 2
        assert session.scalar(select(RevokedToken.jti)) == principal.token_id


def test_no_secret_is_kept(database: Database) -> None:
    make_account()
    principal, _ = sign_in()
    key = api_keys.create(principal, "till", Role.VIEWER).key or ""
    with database.reading() as session:
        row = session.scalars(select(ApiKey)).one()
        user = session.scalars(select(User)).one()
    assert key not in {row.key_hash, row.prefix, row.name}
    assert authentication.digest(key) == row.key_hash
    assert PASSWORD not in user.password_hash

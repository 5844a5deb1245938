"""Passwords: what is refused, and what is kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_backend.errors import Invalid
from siprems_backend.services import passwords

GOOD = "correct horse"


@pytest.mark.parametrize(
    "password", [GOOD, "p" + "ä" * 9, "🐴🔋📎🐴🔋📎🐴🔋📎🐴", "x" * 199 + "y", "with spaces   "]
)
def test_accepted(password: str) -> None:
    passwords.check(password, "ann@example.com")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "10 to 200 characters; this one has 0"),
        ("ninechars", "this one has 9"),
        ("x" * 200 + "y", "this one has 201"),
        ("nul\0in the middle", "control characters"),
        ("line\nbreak in it", "control characters"),
        ("lone \ud800 surrogate", "control characters"),
        ("Ann@Example.com", "must not be the e-mail address"),
        ("aaaaaaaaaaaa", "more than one character"),
    ],
)
def test_refused_with_a_reason(password: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        passwords.check(password, "ann@example.com", field="new_password")
    assert list(caught.value.fields) == ["new_password"]
    assert password == "" or password not in caught.value.message


def test_the_hash_is_salted_argon2id() -> None:
    first, second = passwords.hashed(GOOD), passwords.hashed(GOOD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.matches(first, GOOD)
    assert not passwords.matches(first, GOOD + "!")
    assert not passwords.is_outdated(first)


def test_one_password_whatever_keyboard_typed_it() -> None:
    assert passwords.matches(passwords.hashed("Bäckerei 2026"), "Ba\u0308ckerei 2026")


@pytest.mark.parametrize("kept", [None, "!", "", "$argon2id$broken", "plain text", "ünïcödé"])
@pytest.mark.parametrize("given_password", [GOOD, "", "a password that nobody has", "\ud800", "\0"])
def test_without_a_usable_hash_nothing_matches(kept: str | None, given_password: str) -> None:
    assert not passwords.matches(kept, given_password)


def test_an_unknown_account_costs_a_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> bool:
        verified.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    passwords.matches(None, GOOD)
    # With the same parameters as a real one, hence as slow.
    assert [passwords.is_outdated(kept) for kept in verified] == [False]


def test_other_parameters_are_outdated() -> None:
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD))


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=10, max_size=50))
def test_whatever_is_accepted_can_be_used(password: str) -> None:
    try:
        passwords.check(password, "ann@example.com")
    except Invalid:
        return
    assert passwords.matches(passwords.hashed(password), password)

"""Passwords: what is accepted, and how they are kept.

Argon2id with the smallest parameters that the OWASP password storage cheat sheet recommends (19 MiB, two
passes, one lane): about 30 ms of one core, and little enough memory for many sign-ins at once.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from siprems_backend.errors import Invalid

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check(password: str, email: str, *, field: str = "password") -> None:
    """Refuse a password that cannot protect an account.

    Raises:
        Invalid: naming `field` and what to choose instead.
    """
    problem = _problem(_normal(password), email)
    if problem:
        raise Invalid(problem, code="password_refused", fields={field: [problem]})


def hashed(password: str) -> str:
    """The text to keep in the password's place."""
    return _hasher.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; as slow for an unknown account (None) as for a known one."""
    compared = _nobodys_hash() if password_hash is None else password_hash
    try:
        return _hasher.verify(compared, _normal(password)) and password_hash is not None
    except InvalidHashError:
        # An account without a usable password must not be told apart by its speed either.
        return matches(None, password)
    except (VerificationError, UnicodeEncodeError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _problem(password: str, email: str) -> str | None:
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}."
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        return "A password has no control characters."
    if password.casefold() == email.casefold():
        return "The password must not be the e-mail address."
    if len(set(password)) == 1:
        return "A password is more than one character repeated."
    return None


def _normal(password: str) -> str:
    """One form for what different keyboards send for the same characters (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("a password that nobody has")

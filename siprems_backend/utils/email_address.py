"""E-mail addresses as the account names they are here."""

from __future__ import annotations

import re
import unicodedata

# RFC 5321: what a mail server must accept, in bytes.
LONGEST = 254
LONGEST_LOCAL_PART = 64
# No quoted local parts and no comments: nobody signs in with one, and every mail form refuses them.
LOCAL_PART = re.compile(r"[^\s@()<>\[\]\\,;:\"\x00-\x1f\x7f]+")
DOMAIN_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def normalise(text: str) -> str:
    """The address in lower case and Unicode normal form KC, so that one mailbox is one account.

    Raises:
        ValueError: when it cannot be an address.
    """
    address = unicodedata.normalize("NFKC", text).strip().lower()
    local, separator, domain = address.rpartition("@")
    if not separator or not _is_local_part(local) or not _is_domain(domain):
        raise ValueError("Not a valid e-mail address.")
    if len(_encoded(local)) > LONGEST_LOCAL_PART or len(_encoded(address)) > LONGEST:
        raise ValueError(
            f"An e-mail address has at most {LONGEST} characters, {LONGEST_LOCAL_PART} before the @."
        )
    return address


def _is_local_part(text: str) -> bool:
    visible = all(unicodedata.category(character)[0] != "C" for character in text)
    return (
        bool(LOCAL_PART.fullmatch(text))
        and visible
        and not (set(text[:1] + text[-1:]) & {"."} or ".." in text)
    )


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    named = len(labels) > 1 or text == "localhost"
    return named and "_" not in text and all(DOMAIN_LABEL.fullmatch(label) for label in labels)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")

"""What is an account name and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.utils.email_address import normalise


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  Ann@Example.COM\n", "ann@example.com"),
        ("ann+till@shop.example.co.uk", "ann+till@shop.example.co.uk"),
        ("ÄNN@Bäckerei.de", "änn@bäckerei.de"),
        ("a\u0308nn@example.com", "änn@example.com"),
        ("ａｎｎ＠example.com", "ann@example.com"),
        ("admin@localhost", "admin@localhost"),
        ("o'hara_1@xn--bckerei-5wa.de", "o'hara_1@xn--bckerei-5wa.de"),
    ],
)
def test_one_mailbox_is_one_account(text: str, address: str) -> None:
    assert normalise(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@example",
        "ann@@example.com",
        "ann@exa mple.com",
        "an n@example.com",
        ".ann@example.com",
        "ann.@example.com",
        "an..n@example.com",
        "ann@.example.com",
        "ann@example..com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@exa_mple.com",
        "ann\0@example.com",
        "ann@exam\0ple.com",
        "ann\u202e@example.com",
        "ann\ud800@example.com",
        '"ann"@example.com',
        "ann<script>@example.com",
        "a" * 65 + "@example.com",
        "ann@" + ".".join(["a" * 60] * 5),
        "ä" * 40 + "@example.com",
    ],
)
def test_what_cannot_be_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        normalise(text)


@given(st.text(max_size=300) | st.emails())
def test_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = normalise(text)
    except ValueError:
        return
    assert normalise(once) == once
    assert "\0" not in once
    assert len(once.encode()) <= 254

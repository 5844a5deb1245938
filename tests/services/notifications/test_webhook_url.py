"""Addresses of webhooks are read strictly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.notifications import webhook_url
from siprems_backend.services.notifications.webhook_url import Target


def parse(url: str, *, open_to_all: bool = False) -> Target:
    return webhook_url.parse(url, allow_http=open_to_all, allow_private=open_to_all)


@pytest.mark.parametrize(
    ("url", "expected", "host_header"),
    [
        ("https://Hooks.Example.com", ("hooks.example.com", 443, "/"), "hooks.example.com"),
        ("https://a.b:8443/x/y?z=1&u=%20", ("a.b", 8443, "/x/y?z=1&u=%20"), "a.b:8443"),
        ("https://a.b?z", ("a.b", 443, "/?z"), "a.b"),
        ("https://a.b./", ("a.b.", 443, "/"), "a.b"),
        ("https://xn--bcher-kva.example/", ("xn--bcher-kva.example", 443, "/"), "xn--bcher-kva.example"),
        ("https://1.1.1.1/", ("1.1.1.1", 443, "/"), "1.1.1.1"),
        ("https://[2606:4700::1111]:8080/", ("2606:4700::1111", 8080, "/"), "[2606:4700::1111]:8080"),
    ],
)
def test_usable(url: str, expected: tuple[str, int, str], host_header: str) -> None:
    target = parse(url)
    assert (target.host, target.port, target.path) == expected
    assert target.host_header == host_header


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://a.b/",
        "ftp://a.b/",
        "file:///etc/passwd",
        "gopher://a.b/",
        "javascript:alert(1)",
        "//a.b/",
        "https:a.b",
        "https://",
        "https:///x",
        "https://a b/",
        "https://a.b/\r\nX: y",
        "https://a.b/\0",
        "https://a.b\\@c.d/",
        "https://user@a.b/",
        "https://user:password@a.b/",
        "https://a.b/#fragment",
        "https://a.b#@c.d/",
        "https://bücher.example/",
        "https://a.b/ü",
        "https://a..b/",
        "https://-a.b/",
        "https://" + "a" * 64 + ".b/",
        "https://" + "a." * 130 + "b/",
        "https://a.b:99999/",
        "https://a.b:x/",
        "https://a.b:-1/",
        "https://a.b:0/",
        "https://a.b:22/",
        "https://a.b:25/",
        "https://[::1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.x]/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://x.localhost/",
        "https://a.b/" + "x" * 2000,
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(Must|Is not)"):
        parse(url)


def test_settings_open_the_private_and_the_plain() -> None:
    assert parse("http://localhost:25/x", open_to_all=True).port == 25
    assert parse("http://10.0.0.1/", open_to_all=True).host_header == "10.0.0.1"
    for url in ("http://169.254.169.254/", "http://0.0.0.0/", "http://[::]/", "http://a:0/"):
        with pytest.raises(ValueError, match="Must"):
            parse(url, open_to_all=True)


@given(st.text(max_size=60))
def test_nothing_but_value_errors(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.b{text}"):
        try:
            target = parse(url)
        except ValueError:
            continue
        assert target.path.startswith("/")
        assert all(" " < character < "\x7f" for character in target.path + target.host)

"""What browsers may keep of the dashboard, and what is compressed on the way."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

from siprems_backend.dashboard.files import file_url

PART = "/app/_dash-component-suites/dash_ag_grid/async-community.js"
ZIPPED = {"Accept-Encoding": "gzip, br"}


def test_what_names_its_version_is_kept_for_ever(client: FlaskClient) -> None:
    page = client.get("/app/sign-in").get_data(as_text=True)
    addresses = [file_url("shell.js"), *re.findall(r'href="(/app/assets/[^"]+)"', page)]
    for address in addresses:
        kept = client.get(address).cache_control
        assert (kept.max_age, kept.immutable, kept.public) == (31_536_000, True, True), address
    assert len(addresses) > 1


@pytest.mark.parametrize("address", [PART, "/app/assets/shell.js"])
@pytest.mark.parametrize("headers", [{}, ZIPPED], ids=["plain", "zipped"])
def test_what_does_not_is_asked_for_each_time(
    client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    first = client.get(address, headers=headers)
    again = client.get(address, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "public, no-cache"


def test_files_are_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    plain, zipped = client.get(PART), client.get(PART, headers=ZIPPED)
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < len(plain.data) / 3
    assert (zipped.headers["Content-Encoding"], zipped.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    assert client.get(PART, headers=ZIPPED).data == zipped.data


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (file_url("early/favicon.svg"), ZIPPED),
        (file_url("shell.js"), {"Accept-Encoding": "gzip;q=0"}),
        (file_url("shell.js"), {**ZIPPED, "Range": "bytes=0-99"}),
        ("/app/assets/nothing.js", ZIPPED),
    ],
    ids=["small", "refused", "a part of it", "not there"],
)
def test_the_rest_is_sent_as_it_is(client: FlaskClient, address: str, headers: dict[str, str]) -> None:
    assert "Content-Encoding" not in client.get(address, headers=headers).headers

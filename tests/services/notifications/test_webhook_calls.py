"""Calls over real connections: what arrives, and what hostile receivers cannot do."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models.delivery_queries import Due
from siprems_backend.services.notifications import pinned_connection, webhook
from siprems_backend.services.notifications.problems import Undeliverable
from siprems_backend.utils import clock
from tests.receivers import AUTHORITY, HOOK_NAME, receiving, speaking
from tests.services.notifications.conftest import settings_of

pytestmark = pytest.mark.usefixtures("local_allowed")
LOOPBACK = ["127.0.0.1"]


def due(target: str, **values: Any) -> Due:
    fields = {
        "id": 7,
        "subscription_id": 1,
        "event": "task.failed",
        "payload": {"task": {"message": "Ä"}},
        "attempts": 1,
        "created_at": clock.now(),
        "channel": "webhook",
        "target": target,
        "secret": "whsec_test",
    }
    return Due(**{**fields, **values})


def leading_to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.fixture
def trusted(database: Database) -> Iterator[None]:
    """The tests' authority is one of those that are trusted."""
    with settings_of(SSL_CERT_FILE=str(AUTHORITY), WEBHOOK_ALLOW_PRIVATE="true"):
        pinned_connection.trust.cache_clear()
        yield
    pinned_connection.trust.cache_clear()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit of a call, shorter."""
    monkeypatch.setattr(webhook, "SECONDS", 0.5)


def test_what_arrives_can_be_verified() -> None:
    with receiving(204) as receiver:
        assert webhook.send(due(receiver.url)) == 204
    (request,) = receiver.requests
    headers = request.headers
    assert request.path == "/hook?shop=1"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert (headers["X-Siprems-Event"], headers["X-Siprems-Delivery"]) == ("task.failed", "7")
    assert headers["Content-Type"] == "application/json"
    assert abs(int(headers["X-Siprems-Timestamp"]) - time.time()) < 60
    signed = headers["X-Siprems-Timestamp"].encode() + b"." + request.body
    expected = hmac.new(b"whsec_test", signed, hashlib.sha256).hexdigest()
    assert headers["X-Siprems-Signature"] == f"sha256={expected}"
    document = json.loads(request.body)
    assert (document["event"], document["delivery_id"], document["task"]) == (
        "task.failed",
        7,
        {"message": "Ä"},
    )
    assert "whsec_test" not in request.body.decode() + str(headers)


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_refusals(status: int) -> None:
    with receiving(status) as receiver, pytest.raises(Undeliverable) as caught:
        webhook.send(due(receiver.url))
    assert (caught.value.reason, caught.value.status) == (f"The receiver answered {status}.", status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with receiving() as inside, receiving(status) as receiver:
        receiver.headers["Location"] = inside.url
        with pytest.raises(Undeliverable, match="not followed"):
            webhook.send(due(receiver.url))
    assert len(receiver.requests) == 1
    assert inside.requests == []


def test_a_name_is_looked_up_once_and_that_address_is_called() -> None:
    """A resolver that gives another answer the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return LOOPBACK if len(asked) == 1 else ["169.254.169.254"]

    with receiving() as receiver:
        url = f"http://rebinding.example.test:{receiver.port}/"
        assert webhook.send(due(url), resolve=rebinding) == 200
    assert asked == ["rebinding.example.test"]
    assert receiver.requests[0].headers["Host"] == f"rebinding.example.test:{receiver.port}"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_private_addresses_are_not_called(addresses: list[str]) -> None:
    with receiving() as receiver, settings_of(WEBHOOK_ALLOW_PRIVATE="false"):
        url = f"http://innocent.example.test:{receiver.port}/"
        with pytest.raises(Undeliverable, match="not public"):
            webhook.send(due(url), resolve=leading_to(*addresses))
        with pytest.raises(Undeliverable, match="cannot be used any more"):
            webhook.send(due(receiver.url))
    assert receiver.requests == []


def test_plain_http_by_the_setting_only() -> None:
    with (
        receiving() as receiver,
        settings_of(WEBHOOK_ALLOW_HTTP="false"),
        pytest.raises(Undeliverable, match="https"),
    ):
        webhook.send(due(receiver.url))
    assert receiver.requests == []


@pytest.mark.usefixtures("trusted")
def test_the_certificate_is_checked_for_the_name_and_not_the_address() -> None:
    with receiving(tls=True) as receiver:
        url = f"https://{HOOK_NAME}:{receiver.port}/x"
        assert webhook.send(due(url), resolve=leading_to(*LOOPBACK)) == 200
        assert receiver.server_names == [HOOK_NAME]
        other = f"https://other.example.test:{receiver.port}/x"
        with pytest.raises(Undeliverable, match="certificate is not trusted"):
            webhook.send(due(other), resolve=leading_to(*LOOPBACK))
        with pytest.raises(Undeliverable, match="certificate is not trusted"):
            webhook.send(due(f"https://127.0.0.1:{receiver.port}/x"))
    assert len(receiver.requests) == 1


def test_strangers_certificates_are_refused() -> None:
    pinned_connection.trust.cache_clear()
    with receiving(tls=True) as receiver, pytest.raises(Undeliverable, match="certificate is not trusted"):
        webhook.send(due(f"https://{HOOK_NAME}:{receiver.port}/"), resolve=leading_to(*LOOPBACK))
    assert receiver.requests == []


def test_what_is_no_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, pytest.raises(Undeliverable, match="No secure connection"):
        webhook.send(due(f"https://127.0.0.1:{receiver.port}/"))


def test_the_next_address_is_tried_when_one_refuses() -> None:
    with receiving() as receiver:
        url = f"http://two.example.test:{receiver.port}/"
        assert webhook.send(due(url), resolve=leading_to("127.0.0.2", *LOOPBACK)) == 200
    with pytest.raises(Undeliverable, match="refused"):
        webhook.send(due("http://127.0.0.1:1/"))


def drip(connection: socket.socket) -> None:
    """A head that never ends, a byte at a time: each byte would start a socket's own limit anew."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):
        continue


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("talk", [drip, say_nothing])
def test_slow_receivers_are_cut_off(scheme: str, talk: Callable[[socket.socket], None]) -> None:
    with speaking(talk) as port, pytest.raises(Undeliverable) as caught:
        webhook.send(due(f"{scheme}://127.0.0.1:{port}/"))
    hasty = scheme == "https" and talk is drip
    assert caught.value.reason == (
        "No secure connection to the receiver." if hasty else "The receiver took too long."
    )


def test_a_huge_body_is_not_read() -> None:
    sent: list[int] = []
    hung_up = threading.Event()

    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        try:
            while True:
                sent.append(connection.send(b"x" * 65536))
        finally:
            hung_up.set()

    with speaking(flood) as port:
        assert webhook.send(due(f"http://127.0.0.1:{port}/")) == 200
        assert hung_up.wait(30)
    assert sum(sent) < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        bytes(range(256)) * 10,
    ],
)
def test_what_is_no_http(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with speaking(talk) as port, pytest.raises(Undeliverable) as caught:
        webhook.send(due(f"http://127.0.0.1:{port}/"))
    assert "SSH" not in caught.value.reason


def test_nothing_stays_open_behind_a_call() -> None:
    threads = threading.active_count()
    with receiving(200, 500) as receiver:
        webhook.send(due(receiver.url))
        with pytest.raises(Undeliverable):
            webhook.send(due(receiver.url))
    deadline = time.monotonic() + 30
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads

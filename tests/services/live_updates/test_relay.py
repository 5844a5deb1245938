"""Writing outboxes to connections: whole, in order, and not for ever."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from siprems_backend.services.live_updates import relay as relay_module
from siprems_backend.services.live_updates.outbox import FULL_BYTES, Outbox
from siprems_backend.services.live_updates.relay import Relay
from tests.following import wait_until


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection: the server's end and the client's."""
    server, client = socket.socketpair()
    client.settimeout(20)
    with server, client:
        yield server, client


def read_all(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_what_is_put_arrives_in_order_and_the_end_closes(
    relay: Relay, ends: tuple[socket.socket, socket.socket]
) -> None:
    gone: list[str] = []
    outbox = Outbox()
    outbox.put(b"early ")
    relay.adopt(ends[0].dup(), outbox, chunked=False, on_gone=lambda: gone.append("gone"))
    ends[0].close()
    for number in range(1000):
        outbox.put(b"%d " % number)
    outbox.close()
    assert read_all(ends[1]) == b"early " + b"".join(b"%d " % number for number in range(1000))
    wait_until(lambda: gone == ["gone"], "the end")
    wait_until(lambda: not relay.errand.is_running, "the end of the thread")


def test_chunks_are_framed_and_ended(relay: Relay, ends: tuple[socket.socket, socket.socket]) -> None:
    outbox = Outbox()
    outbox.put(b"x" * 18)
    outbox.close()
    relay.adopt(ends[0].dup(), outbox, chunked=True, on_gone=lambda: None)
    ends[0].close()
    assert read_all(ends[1]) == b"12\r\n" + b"x" * 18 + b"\r\n0\r\n\r\n"


def test_a_slow_client_gets_all_of_it(relay: Relay, ends: tuple[socket.socket, socket.socket]) -> None:
    outbox = Outbox()
    relay.adopt(ends[0].dup(), outbox, chunked=False, on_gone=lambda: None)
    ends[0].close()
    data = bytes(range(256)) * 40_000
    outbox.put(data)
    outbox.put(b"and more")
    outbox.close()
    assert read_all(ends[1]) == data + b"and more"


def test_a_client_that_leaves_is_noticed_without_writing(
    relay: Relay, ends: tuple[socket.socket, socket.socket]
) -> None:
    gone: list[str] = []
    relay.adopt(ends[0].dup(), Outbox(), chunked=False, on_gone=lambda: gone.append("gone"))
    ends[0].close()
    ends[1].send(b"what a client says is not listened to")
    ends[1].close()
    wait_until(lambda: gone == ["gone"], "the client's leaving")


def test_a_client_that_takes_nothing_is_let_go(
    relay: Relay, ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "PATIENCE_SECONDS", 0.0)
    gone: list[str] = []
    outbox = Outbox()
    relay.adopt(ends[0].dup(), outbox, chunked=False, on_gone=lambda: gone.append("gone"))
    ends[0].close()
    outbox.put(b"x" * 10_000_000)
    wait_until(lambda: gone == ["gone"], "the end of its patience")


def test_an_outbox_is_full_until_it_is_taken() -> None:
    outbox = Outbox()
    outbox.put(b"x" * FULL_BYTES)
    assert outbox.is_full
    assert outbox.take() == b"x" * FULL_BYTES
    assert not outbox.is_full
    assert outbox.take() == b""
    outbox.close()
    outbox.put(b"too late")
    assert outbox.take() is None

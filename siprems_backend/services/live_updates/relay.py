"""Writing to many connections from one thread."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from siprems_backend.services.live_updates.errand import Errand
from siprems_backend.services.live_updates.outbox import Outbox

WAIT_SECONDS = 1.0
# A client that takes nothing for so long is gone, or of no use to itself.
PATIENCE_SECONDS = 60.0
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(eq=False)
class Peer:
    """A client's connection, and what of its outbox is in our hands."""

    connection: socket.socket
    outbox: Outbox
    chunked: bool
    on_gone: Callable[[], None]
    unsent: bytes = b""
    ended: bool = False
    moved_at: float = 0.0
    waits_for_room: bool = False
    is_ready: bool = False


class Relay:
    """Sends what comes into the outboxes, and notices clients that leave.

    Made after the process has forked: processes would share the selector.
    """

    def __init__(self) -> None:
        self._peers: set[Peer] = set()
        self._adopted: deque[Peer] = deque()
        self._ready: deque[Peer] = deque()
        self._looked_at = 0.0
        self._rung = threading.Event()
        self._awake, self._bell = socket.socketpair()
        self._awake.setblocking(False)
        self._bell.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._awake, selectors.EVENT_READ)
        self.errand = Errand("live-relay", self._step, lambda: bool(self._peers or self._adopted))

    def adopt(
        self, connection: socket.socket, outbox: Outbox, *, chunked: bool, on_gone: Callable[[], None]
    ) -> None:
        """Write an outbox to a connection until either ends; `on_gone` is called then.

        With `chunked` the bytes are framed as HTTP/1.1 chunks.
        """
        connection.setblocking(False)
        peer = Peer(connection, outbox, chunked, on_gone, moved_at=time.monotonic())
        self._adopted.append(peer)
        outbox.call_on_change(lambda: self._wake(peer))
        self.errand.ensure()
        self._wake(peer)

    def _wake(self, peer: Peer) -> None:
        """From any thread: there is something to send."""
        if not peer.is_ready:
            peer.is_ready = True
            self._ready.append(peer)
        if not self._rung.is_set():
            self._rung.set()
            self._bell.send(b"!")

    def _step(self) -> None:
        while self._adopted:
            self._take_in(self._adopted.popleft())
        while self._ready:
            peer = self._ready.popleft()
            peer.is_ready = False
            self._send(peer)
        self._drop_stuck()
        for key, ready in self._selector.select(WAIT_SECONDS):
            if key.data is None:
                self._answer_bell()
            elif ready & selectors.EVENT_READ and not _still_there(key.data.connection):
                self._drop(key.data)
            elif ready & selectors.EVENT_WRITE:
                self._send(key.data)

    def _answer_bell(self) -> None:
        # Cleared before the queues are looked at: who rings from now on is heard again.
        self._awake.recv(4096)
        self._rung.clear()

    def _take_in(self, peer: Peer) -> None:
        self._peers.add(peer)
        self._selector.register(peer.connection, selectors.EVENT_READ, peer)

    def _send(self, peer: Peer) -> None:
        """Send until the outbox is empty or the connection full."""
        if peer not in self._peers:
            return
        try:
            while self._has_more(peer):
                sent = peer.connection.send(peer.unsent)
                peer.unsent = peer.unsent[sent:]
                peer.moved_at = time.monotonic()
        except BlockingIOError:
            self._watch(peer, room=True)
        except OSError:
            self._drop(peer)
        else:
            self._watch(peer, room=False)
            if peer.ended:
                self._drop(peer)

    def _has_more(self, peer: Peer) -> bool:
        if not peer.unsent and not peer.ended:
            taken = peer.outbox.take()
            peer.ended = taken is None
            if taken:
                peer.unsent = b"%x\r\n%b\r\n" % (len(taken), taken) if peer.chunked else taken
            elif peer.ended and peer.chunked:
                peer.unsent = LAST_CHUNK
        return bool(peer.unsent)

    def _watch(self, peer: Peer, *, room: bool) -> None:
        """Hear of room in the connection only while it is wanted, or we would hear of it all the time."""
        if peer.waits_for_room != room:
            peer.waits_for_room = room
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if room else 0)
            self._selector.modify(peer.connection, wanted, peer)

    def _drop_stuck(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < WAIT_SECONDS:
            return
        self._looked_at = now
        for peer in [each for each in self._peers if each.waits_for_room]:
            if now - peer.moved_at > PATIENCE_SECONDS:
                self._drop(peer)

    def _drop(self, peer: Peer) -> None:
        if peer in self._peers:
            self._peers.discard(peer)
            self._selector.unregister(peer.connection)
            peer.connection.close()
            peer.on_gone()


def _still_there(connection: socket.socket) -> bool:
    """Read what a client has to say, which is nothing, unless it leaves."""
    try:
        return bool(connection.recv(4096))
    except BlockingIOError:
        return True
    except OSError:
        return False

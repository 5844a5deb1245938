"""Server-sent events as an answer: streams that hold no thread where the server lets go of its connection.

gunicorn's threads are made for answers that end. So once the head of the answer is out, the connection is
taken from gunicorn, which is left with one that is closed already, and the relay writes to it. Under servers
that do not show their connection (Flask's own, the test client) the answer is an iterator like any other.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Response, request

from siprems_backend.routes.guards import current_principal
from siprems_backend.routes.tokens import access_claims
from siprems_backend.services import authentication, live_updates
from siprems_backend.services.live_updates import Access, LiveStream

MIMETYPE = "text/event-stream"
# gunicorn's name for the connection of the request.
CONNECTION = "gunicorn.socket"
# A client whose network vanished is noticed when nothing it was sent is confirmed for so long.
UNCONFIRMED_MS = 60_000
TAKE_SECONDS = 60.0


def access_of_this_request() -> Access:
    """How the caller was let in, to be looked at again while its stream is open."""
    caller = current_principal()
    key = request.headers.get("X-API-Key")
    if key:
        return Access(caller, partial(authentication.principal_of_api_key, key))
    claims = access_claims()
    return Access(caller, partial(authentication.principal_of_token, claims), float(claims["exp"]))


def event_stream(stream: LiveStream) -> Response:
    """The answer that carries a stream."""
    # As it is: wrapped, gunicorn would not see that the body can be closed.
    response = Response(Body(stream, request.environ), content_type=MIMETYPE, direct_passthrough=True)
    # Proxies that collect an answer before they pass it on would pass nothing on.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    return response


class Body:
    """The body of the answer, as a WSGI server takes it."""

    def __init__(self, stream: LiveStream, environ: dict[str, Any]) -> None:
        self._stream = stream
        self._connection = environ.get(CONNECTION)
        self._chunked = environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
        self._handed_over = False

    def __iter__(self) -> Iterator[bytes]:
        """What is there already, and with it the head; then the rest, unless the connection can be taken."""
        yield self._stream.outbox.take() or b""
        # A connection with TLS has a state of its own, that cannot be shared.
        if type(self._connection) is socket.socket:
            self._hand_over(self._connection)
            return
        while (data := self._stream.outbox.take(TAKE_SECONDS)) is not None:
            if data:
                yield data

    def close(self) -> None:
        """The server is done with the answer."""
        if not self._handed_over:
            self._stream.close()

    def _hand_over(self, served: socket.socket) -> None:
        connection = taken(served)
        self._handed_over = True
        if hasattr(socket, "TCP_USER_TIMEOUT") and connection.family in {socket.AF_INET, socket.AF_INET6}:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNCONFIRMED_MS)
        live_updates.adopt(self._stream, connection, chunked=self._chunked)


def taken(served: socket.socket) -> socket.socket:
    """The connection of a request, away from its server, which finds a closed one in its place."""
    connection = served.dup()
    ours, others = socket.socketpair()
    others.close()
    os.dup2(ours.fileno(), served.fileno(), inheritable=False)
    ours.close()
    return connection

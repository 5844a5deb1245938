"""HTTP over a connection to an address that was checked, within a time limit for all of it."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from siprems_backend.services.notifications.problems import Undeliverable
from siprems_backend.services.notifications.webhook_url import Target

TOO_LONG = "The receiver took too long."
PROBLEMS = (OSError, HTTPError, http.client.HTTPException, ValueError)


class _PlainConnection(HTTPConnection):
    """Speaks over a socket that is open already; `host` is the checked address, so no name is looked up."""

    opened: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.opened


class _SecureConnection(HTTPSConnection):
    """The same with TLS; the certificate must be that of the name, not of the address."""

    opened: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.opened


def post(
    target: Target, addresses: Sequence[str], body: bytes, headers: Mapping[str, str], *, seconds: float
) -> int:
    """Send a body to the first of the addresses that takes a connection; the status of the answer.

    Of the answer only the head is read: neither a huge body nor one that never ends does harm. Redirects
    are answers like others.

    Raises:
        Undeliverable: no connection, no trusted certificate, no answer, or not within `seconds` for all.
    """
    ends_at = time.monotonic() + seconds
    opened = _open(addresses, target.port, ends_at)
    with _ended_at(opened, ends_at) as ended:
        try:
            status = _ask(opened, target, body, headers, seconds)
        except PROBLEMS as error:
            raise Undeliverable(TOO_LONG if ended.is_set() else _in_words(error)) from None
        # A head that was cut off looks like one that has ended.
        if ended.is_set():
            raise Undeliverable(TOO_LONG)
        return status


def _open(addresses: Sequence[str], port: int, ends_at: float) -> socket.socket:
    problem = TOO_LONG
    for address in addresses:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError as error:
            problem = _in_words(error)
    raise Undeliverable(problem)


@contextmanager
def _ended_at(opened: socket.socket, ends_at: float) -> Iterator[threading.Event]:
    """Cut the connection off at that time, whoever is reading from it; whether that happened.

    A socket's own limit begins anew with every byte, so that a receiver which sends one now and then would
    hold a sender for ever. The copy of the socket stays good while TLS takes the original over.
    """
    ended, copy = threading.Event(), opened.dup()

    def end() -> None:
        ended.set()
        try:
            copy.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(max(0.0, ends_at - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()
        copy.close()
        opened.close()


def _ask(
    opened: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], seconds: float
) -> int:
    connection = _connection(opened, target, seconds)
    try:
        connection.request(
            "POST",
            target.path,
            body=body,
            headers={"Host": target.host_header, "Connection": "close", **headers},
            preload_content=False,
        )
        return connection.getresponse().status
    finally:
        connection.close()


def _connection(opened: socket.socket, target: Target, seconds: float) -> HTTPConnection:
    address = str(opened.getpeername()[0])
    connection: _PlainConnection | _SecureConnection
    if target.scheme == "https":
        connection = _SecureConnection(
            address,
            target.port,
            timeout=seconds,
            ssl_context=trust(),
            server_hostname=target.host.rstrip("."),
        )
    else:
        connection = _PlainConnection(address, target.port, timeout=seconds)
    connection.opened = opened
    return connection


@functools.cache
def trust() -> ssl.SSLContext:
    """Whom the system trusts; `SSL_CERT_FILE` names another list, for authorities of one's own."""
    return ssl.create_default_context()


def _in_words(error: Exception) -> str:
    """What the subscription's owner may read: never what a stranger's server sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The receiver's certificate is not trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return "No secure connection to the receiver."
    if isinstance(error, ConnectionRefusedError):
        return "The receiver refused the connection."
    if isinstance(error, TimeoutError):
        return TOO_LONG
    if isinstance(error, OSError) and error.strerror:
        return f"No connection to the receiver: {error.strerror}."
    return "The receiver gave no answer that is HTTP."

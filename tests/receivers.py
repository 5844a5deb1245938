"""Servers that take webhooks and e-mails, well or badly behaved, on the loopback interface."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TLS = Path(__file__).parent / "data" / "tls"
AUTHORITY = TLS / "authority.pem"
# Names that the receiver's certificate is good for.
HOOK_NAME, MAIL_NAME = "hooks.example.test", "mail.example.test"


@dataclass
class Request:
    """One call as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A webhook's other side; answers the statuses in turn, the last one for ever."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None
    server_names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?shop=1"

    def take(self, request: Request) -> int:
        status = self.statuses[min(len(self.requests), len(self.statuses) - 1)]
        self.requests.append(request)
        return status


@contextmanager
def receiving(*statuses: int, tls: bool = False) -> Iterator[Receiver]:
    """A running receiver."""
    receiver = Receiver(statuses=list(statuses) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Request(self.path, dict(self.headers), body))
            receiver.before_answer()
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # Senders hang up on bad certificates and after the time limit: that is what the tests are about.
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    if tls:
        server.socket = _with_tls(server.socket, receiver.server_names)
    receiver.port = server.server_address[1]
    with _served(server):
        yield receiver


@contextmanager
def speaking(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that does to every connection what `talk` says; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                talk(self.request)
            except OSError:
                return

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _served(server):
        yield server.server_address[1]


@dataclass
class Mailbox:
    """A mail server's inside: what it was given, and who logged in."""

    port: int = 0
    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    log_ins: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    # Answers in place of the usual ones, by verb.
    refusals: dict[str, str] = field(default_factory=dict)


@contextmanager
def mail_server(*, starttls: bool = False, tls: bool = False) -> Iterator[Mailbox]:
    """A running mail server that speaks as much SMTP as a client needs."""
    mailbox = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _Conversation(self, mailbox, starttls=starttls, secure=tls).hold()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    if tls:
        server.socket = _with_tls(server.socket, [])
    mailbox.port = server.server_address[1]
    with _served(server):
        yield mailbox


class _Conversation:
    """One client's visit to the mail server (RFC 5321, 3207 and 4954, the parts that clients use)."""

    def __init__(
        self, handler: socketserver.StreamRequestHandler, mailbox: Mailbox, *, starttls: bool, secure: bool
    ) -> None:
        self.connection, self.reader = handler.connection, handler.rfile
        self.mailbox, self.starttls, self.secure = mailbox, starttls, secure
        self.sender, self.recipients = "", list[str]()

    def hold(self) -> None:
        self.say("220 ready")
        while line := self.reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            self.say(self.mailbox.refusals.get(verb) or self.answer(verb, rest))
            if verb == "STARTTLS":
                self.connection = _context().wrap_socket(self.connection, server_side=True)
                self.reader, self.secure, self.starttls = self.connection.makefile("rb"), True, False

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def answer(self, verb: str, rest: str) -> str:
        if verb == "EHLO":
            offers = [
                "250-mail",
                *(["250-STARTTLS"] if self.starttls else []),
                "250-AUTH PLAIN",
                "250 SMTPUTF8",
            ]
            return "\r\n".join(offers)
        if verb == "AUTH":
            self.mailbox.log_ins.append(rest)
            return "235 welcome"
        if verb == "MAIL":
            self.sender, self.recipients = rest, []
        if verb == "RCPT":
            self.recipients.append(rest.removeprefix("TO:").strip("<>"))
        if verb == "DATA":
            self.say("354 go on")
            return self.take_letter()
        return "220 go on" if verb == "STARTTLS" else "250 fine"

    def take_letter(self) -> str:
        lines = []
        while (line := self.reader.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.mailbox.letters.append((self.sender, self.recipients, b"".join(lines)))
        self.mailbox.secured.append(self.secure)
        return "250 taken"


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "receiver.pem")
    return context


def _with_tls(listening: socket.socket, server_names: list[str | None]) -> ssl.SSLSocket:
    context = _context()
    context.sni_callback = lambda _socket, name, _context: server_names.append(name)
    # The handshake is left to the thread that serves the connection.
    return context.wrap_socket(listening, server_side=True, do_handshake_on_connect=False)


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

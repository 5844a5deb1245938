"""`GET /metrics` of a worker, answered by its main process."""

from __future__ import annotations

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any

import structlog

from siprems_backend.config import Settings
from siprems_backend.errors import NotFound, ServiceError
from siprems_backend.extensions import metrics_files
from siprems_backend.services import metrics

log = structlog.get_logger(__name__)

TRY_AGAIN_SECONDS = 5.0
TIDY_EVERY_SECONDS = 60.0


class MetricsServer(TCPServer):
    """A small HTTP server in one thread, which answers one caller after the other.

    The thread reads files and writes to its own socket, nothing else: a process that the worker forks while
    it is at work misses no lock.
    """

    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self._tidied_at = time.monotonic()

    def handle_error(self, *_: Any) -> None:
        """Say in the log, not as text on standard error, that a caller went away or spoke nonsense."""
        log.info("metrics_unanswered", error=str(sys.exception()))

    def service_actions(self) -> None:
        """Now and then fold what ended processes left, whether anybody asks for figures or not."""
        if time.monotonic() - self._tidied_at > TIDY_EVERY_SECONDS:
            self._tidied_at = time.monotonic()
            metrics_files.fold()


class _Handler(BaseHTTPRequestHandler):
    timeout = 2.0
    server_version = "siprems"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer `/metrics` to whoever has the token."""
        try:
            if self.path.partition("?")[0] != "/metrics":
                raise NotFound("Nothing is here.")
            metrics.require_token(self.headers.get("Authorization", ""))
        except ServiceError as error:
            self._answer(error.status, error.message.encode(), "text/plain; charset=utf-8")
            return
        body, content_type = metrics.exposition(metrics.Asked.WORKER, self.headers.get("Accept", ""))
        self._answer(200, body, content_type)

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: scrapes come all day long."""


class _Serving:
    server: MetricsServer | None = None


def open_to_monitoring(settings: Settings) -> None:
    """Serve from now on, if the settings want it; called before the worker forks its first process."""
    if settings.worker_metrics_port and settings.metrics_token.get_secret_value():
        metrics_files.share()
        address = (settings.host, settings.worker_metrics_port)
        threading.Thread(target=_serve, args=(address,), name="metrics", daemon=True).start()


def leave_to_parent() -> None:
    """Close the port in a forked process, so that it is free again as soon as the worker has ended."""
    if _Serving.server is not None:
        _Serving.server.socket.close()


def _serve(address: tuple[str, int]) -> None:
    warned = False
    while _Serving.server is None:
        try:
            _Serving.server = MetricsServer(address)
        except OSError as error:
            if not warned:
                log.warning("metrics_port_unavailable", port=address[1], error=error.strerror)
            warned = True
            time.sleep(TRY_AGAIN_SECONDS)
    _Serving.server.serve_forever()

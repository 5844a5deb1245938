"""Opening and ending streams."""

from __future__ import annotations

import socket
import time
from functools import cache
from uuid import UUID

from siprems_backend.config import get_settings
from siprems_backend.services.live_updates.access import Access
from siprems_backend.services.live_updates.errand import Errand
from siprems_backend.services.live_updates.feed import Feed
from siprems_backend.services.live_updates.hub import Hub
from siprems_backend.services.live_updates.pump import Pump
from siprems_backend.services.live_updates.relay import Relay
from siprems_backend.services.live_updates.stream import LiveStream
from siprems_backend.services.task_registry import views

GOODBYE_SECONDS = 1.0

hub = Hub()
_feed = Feed(hub)
errands = (
    Errand("live-feed", _feed.step, lambda: len(hub) > 0, _feed.close),
    Errand("live-pump", Pump(hub).step, lambda: len(hub) > 0),
)


@cache
def _relay() -> Relay:
    """The relay of this process, made after it has forked."""
    return Relay()


def open_stream(task_id: UUID, access: Access, *, after: int) -> LiveStream:
    """Follow a task from the log line after this one on; whoever gets the stream must close it.

    Raises:
        NotFound: no such task, or not the caller's.
        TooManyRequests: the caller follows too many.
        Unavailable: this process serves as many streams as it may.
    """
    views.require_visible(task_id, access.caller)
    settings = get_settings()
    stream = LiveStream(task_id, access, after, hub.remove)
    hub.add(stream, most=settings.live_streams, most_per_user=settings.live_streams_per_user)
    for errand in errands:
        errand.ensure()
    return stream


def adopt(stream: LiveStream, connection: socket.socket, *, chunked: bool) -> None:
    """Write a stream to a connection that is ours from now on; `chunked` frames it as HTTP/1.1 chunks."""
    _relay().adopt(connection, stream.outbox, chunked=chunked, on_gone=stream.close)


def stop() -> None:
    """End all streams, because the process ends; their clients come back to another one."""
    for stream in hub.streams():
        stream.say_goodbye()
    deadline = time.monotonic() + GOODBYE_SECONDS
    while _relay().errand.is_running and time.monotonic() < deadline:
        time.sleep(0.01)

"""Addresses that users give for webhooks, read once and strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from siprems_backend.services.notifications.addresses import is_allowed

LONGEST = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}
FIRST_FREE_PORT = 1024
# Whatever two programs might read differently is refused: blanks, control characters, backslashes, user
# names, fragments. A name in another script is written in its ASCII form (xn--...).
PLAIN = re.compile(r"[!-\[\]-~]+")
NAME = re.compile(
    r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)


@dataclass(frozen=True)
class Target:
    """Where a webhook goes: `host` in lower case and without brackets, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the receiver is told it is called."""
        host = f"[{self.host}]" if ":" in self.host else self.host.rstrip(".")
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str, *, allow_http: bool, allow_private: bool) -> Target:
    """Read a webhook's address.

    Raises:
        ValueError: it cannot be used; the text says why.
    """
    if len(url) > LONGEST or not PLAIN.fullmatch(url):
        raise ValueError(f"Must be an address of ASCII characters without blanks, {LONGEST} at most.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("Is not an address: its host or port cannot be read.") from None
    if parts.scheme not in DEFAULT_PORTS or (parts.scheme == "http" and not allow_http):
        raise ValueError("Must begin with https://.")
    if "@" in parts.netloc or "#" in url:
        raise ValueError("Must have neither a user name nor a fragment.")
    host = parts.hostname or ""
    _check_host(host, literal=":" in host or "[" in parts.netloc, allow_private=allow_private)
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    _check_port(port, allow_private=allow_private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def _check_host(host: str, *, literal: bool, allow_private: bool) -> None:
    """What can be seen without asking for its addresses, which is done at every sending."""
    numbers = re.fullmatch(r"[0-9.]+", host) is not None
    if literal or numbers:
        if not is_allowed(host, allow_private=allow_private):
            raise ValueError("Must not lead to an address that is not public.")
    elif not NAME.fullmatch(host):
        raise ValueError("Is not an address: its host is not a name.")
    elif not allow_private and (host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")):
        raise ValueError("Must not lead to this machine.")


def _check_port(port: int, *, allow_private: bool) -> None:
    """Low ports belong to services that speak no HTTP, and might still understand a request."""
    usual = port in DEFAULT_PORTS.values() or port >= FIRST_FREE_PORT
    if not usual and not (allow_private and port > 0):
        raise ValueError(f"Must use port 443, 80 or one from {FIRST_FREE_PORT} on.")

"""A running instance, ours or somebody's, and the calls that prepare a measurement."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from siprems_local.home import CHECKOUT
from siprems_local.ports import choose


@dataclass(frozen=True)
class Api:
    """Where an instance listens, and the token to speak to it."""

    host: str
    port: int
    token: str = ""

    @classmethod
    def signed_in(cls, url: str, email: str, password: str) -> Api:
        """The instance at this address, signed in."""
        parts = urlsplit(url)
        stranger = cls(parts.hostname or "127.0.0.1", parts.port or 80)
        login = stranger.call("POST", "/auth/login", {"email": email, "password": password})
        return cls(stranger.host, stranger.port, login["access_token"])

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request on a connection of its own; the parsed answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)


@contextmanager
def own_instance() -> Iterator[tuple[str, str, str]]:
    """An instance with the demo shop: its address and its administrator's login."""
    with _running() as (url, environment):
        instance = json.loads((Path(environment["SIPREMS_HOME"]) / "instance.json").read_text())
        yield url, instance["demo_email"], instance["demo_password"]


@contextmanager
def empty_instance() -> Iterator[tuple[Api, dict[str, str]]]:
    """An instance without a shop, as its administrator, and the environment of commands that are for it."""
    with _running("--no-demo") as (url, environment):
        login = {"email": "bench@example.com", "password": secrets.token_urlsafe(16)}
        parts = urlsplit(url)
        stranger = Api(parts.hostname or "127.0.0.1", parts.port or 80)
        stranger.call("POST", "/auth/register", {**login, "full_name": "Benchmark"})
        yield Api.signed_in(url, **login), environment


@contextmanager
def _running(*options: str) -> Iterator[tuple[str, dict[str, str]]]:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SIPREMS_HOME": home, "PYTHONPATH": str(CHECKOUT)}
        port = choose()
        # Not `./siprems`, which would first bring the packages of this environment up to date.
        siprems = [sys.executable, "-P", "-m", "siprems_local"]
        up = [*siprems, "up", "--detach", "--port", str(port), *options]
        subprocess.run(up, env=environment, check=True)
        try:
            yield f"http://127.0.0.1:{port}", environment
        finally:
            subprocess.run([*siprems, "down"], env=environment, check=True)

"""supervisord, which runs the backend's processes, and the calls we make to it."""

import os
import signal
import socket
import subprocess
import sys
import xmlrpc.client  # The other side is our own supervisord, on a private socket.  # nosec B411
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, cast

from siprems_local import child
from siprems_local.home import Home

CONFIGURATION = Path(__file__).with_name("supervisord.conf")
FATAL = "FATAL"
RUNNING = "RUNNING"


@dataclass(frozen=True)
class Program:
    """One supervised process as supervisord sees it."""

    name: str
    pid: int
    state: str
    started_at: float


class Supervisor:
    """A supervisord child process."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, environment: dict[str, str]) -> None:
        """Start it with all programs, in the instance's folder and in a session of its own."""
        supervisord = [sys.executable, "-P", "-m", "supervisor.supervisord", "-n", "-c", str(CONFIGURATION)]
        bound = [
            sys.executable,
            "-I",
            "-S",
            str(child.__file__),
            str(os.getpid()),
            str(int(signal.SIGTERM)),
            "-",
        ]
        with self.home.log("supervisord").open("ab") as log:
            self.process = subprocess.Popen(
                bound + supervisord,
                cwd=self.home.path,
                env=environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_running(self) -> bool:
        """Whether supervisord is alive."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Begin the ordered stop: Beat, the worker when its tasks are done, the web server."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signal.SIGTERM)


def programs(home: Home) -> list[Program]:
    """The supervised processes; an empty list while supervisord does not answer."""
    try:
        found = cast("list[dict[str, Any]]", _proxy(home).supervisor.getAllProcessInfo())
    except (OSError, xmlrpc.client.Error):
        return []
    return [Program(each["name"], each["pid"], each["statename"], each["start"]) for each in found]


def start_program(home: Home, name: str) -> None:
    """Start a program that supervisord has given up; if that fails, the next look finds it FATAL again."""
    try:
        _proxy(home).supervisor.startProcess(name, False)
    except (OSError, xmlrpc.client.Error):
        return


class _SocketConnection(HTTPConnection):
    """HTTP over the supervisor's socket, whose path may be longer than an address can hold."""

    def __init__(self, folder: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._folder = folder

    def connect(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(f"/proc/self/fd/{descriptor}/supervisor.sock")
        finally:
            os.close(descriptor)


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def make_connection(self, host: Any) -> HTTPConnection:  # noqa: ARG002 - there is one host.
        return _SocketConnection(self._folder)


def _proxy(home: Home) -> Any:
    return xmlrpc.client.ServerProxy("http://localhost", transport=_SocketTransport(home.run))

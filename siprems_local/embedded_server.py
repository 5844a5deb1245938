"""What the embedded PostgreSQL and Valkey share: start, stay alive, stop, leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, cast

from siprems_local import child
from siprems_local.account import Account
from siprems_local.errors import LocalError
from siprems_local.log_files import tail

START_SECONDS = 60.0
STOP_SECONDS = 60.0


class EmbeddedServer(ABC):
    """A private server: loopback only, password only, in a session of its own.

    Its own session keeps Ctrl-C away from it until its clients have stopped; the kernel sends
    it ``stop_signal`` when this process dies in whatever way, so that it never outlives us. That
    bond is to the thread that calls `start`, which therefore has to be the main thread.
    """

    name: str
    stop_signal: signal.Signals

    def __init__(
        self,
        data: Path,
        log: Path,
        *,
        port: int,
        password: str,
        account: Account | None,
        settings: dict[str, str] | None,
    ) -> None:
        self.data = data
        self.log = log
        self.port = port
        self.password = password
        self.account = account
        self.settings = settings or {}
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Whether the server's main process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Prepare the data folder where needed, start the server and wait until it answers."""
        self.prepare()
        self._process = self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.is_running():
                raise LocalError(f"{self.name} ended while starting; {self.log} ends with:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                self.kill()
                raise LocalError(f"{self.name} did not answer within {START_SECONDS:.0f} s; see {self.log}.")
            time.sleep(0.02)

    def keep_alive(self) -> bool:
        """Start the server again if it died; returns whether it had to be."""
        if self._process is None or self.is_running():
            return False
        self.restarts += 1
        self.start()
        return True

    def stop(self) -> None:
        """Ask the server to save and end; kill it if it does not."""
        if self._process is None:
            return
        if self.is_running():
            self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End the server's whole session at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder usable; called before each start."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments, without secrets: everybody can read them."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client can log in."""

    def configuration(self) -> bytes:
        """What the server reads from standard input."""
        return b""

    def owned_folder(self, folder: Path) -> None:
        """Make ``folder``, readable by the server's account only."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)

    def run_as_account(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a helper program of the server as its account and wait for it."""
        run = partial(
            subprocess.run,
            command,
            cwd="/",
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if self.account is None:
            return run()
        return run(user=self.account.uid, group=self.account.gid, extra_groups=[])

    def _spawn(self) -> subprocess.Popen[bytes]:
        account = "-" if self.account is None else f"{self.account.uid}:{self.account.gid}"
        wrapper = [
            sys.executable,
            "-I",
            "-S",
            str(child.__file__),
            str(os.getpid()),
            str(int(self.stop_signal)),
            account,
        ]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                wrapper + self.command(), cwd="/", env=clean_environment(), start_new_session=True,
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        # A process that is gone already does not read; `start` reports it with its log.
        with suppress(BrokenPipeError), cast(IO[bytes], process.stdin) as configuration:
            configuration.write(self.configuration())
        return process


def clean_environment() -> dict[str, str]:
    """Our environment without settings that would bend a server or its clients (PGHOST, PGDATA, LC_*)."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_", "LANG", "LD_PRELOAD"))
    }
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}

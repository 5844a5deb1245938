"""Servers and programs of one system, started, killed and brought back as a supervisor would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from siprems_local.postgres import PostgresServer
from siprems_local.valkey import ValkeyServer
from tests import servers

PROJECT = Path(__file__).resolve().parents[2]
# Supervisors look about this often, and wait as long before they start a program again.
LOOK_EVERY_SECONDS = 0.5


class Program:
    """One long-running program, started again whenever it ends, until it is told to stop."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._command, self._environment, self._log = command, environment, log
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()
        self._watcher = threading.Thread(target=self._supervise, name=name, daemon=True)

    def start(self) -> None:
        """Start it and keep it running."""
        self._spawn()
        self._watcher.start()

    def stop(self) -> None:
        """End it in good order, and whatever it started."""
        self._stopped.set()
        self._watcher.join()
        if self._process is None:
            return
        family = self.processes()
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    @property
    def pid(self) -> int:
        """The main process that runs now."""
        assert self._process is not None
        return self._process.pid

    def children(self) -> list[psutil.Process]:
        """The pool processes of the main process that runs now."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []

    def processes(self) -> list[psutil.Process]:
        """Main process and children."""
        with suppress(psutil.NoSuchProcess):
            return [psutil.Process(self.pid), *self.children()]
        return []

    def kill(self) -> None:
        """Kill -9 the main process only; its children are left to find out."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _supervise(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_SECONDS):
            assert self._process is not None
            if self._process.poll() is not None:
                self._spawn()


class Cluster:
    """A database, a broker and the programs that use them."""

    def __init__(self, postgres: PostgresServer, valkey: ValkeyServer, folder: Path) -> None:
        self.postgres, self.valkey, self.folder = postgres, valkey, folder
        self.programs: dict[str, Program] = {}

    def run(self, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
        """Start a program and keep it running."""
        program = Program(name, command, environment, self.folder / f"{name}.log")
        program.start()
        self.programs[name] = program
        return program

    @property
    def workers(self) -> list[Program]:
        """The programs that run tasks."""
        return [program for name, program in self.programs.items() if name.startswith("worker")]

    def restart_broker_empty(self) -> None:
        """Kill the broker; what comes back knows nothing of what it held."""
        self.valkey.kill()
        time.sleep(1.0)
        self.valkey.start()

    def restart_database(self) -> None:
        """Stop the database as an update of the machine would, and start it again."""
        self.postgres.stop()
        time.sleep(1.0)
        self.postgres.start()

    def stop(self) -> None:
        """End all programs; the servers are the caller's."""
        for program in reversed(self.programs.values()):
            program.stop()


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Servers that keep what is committed and a broker that keeps nothing over a restart."""
    with servers.running_postgres(folder) as postgres, servers.running_valkey(folder) as valkey:
        cluster = Cluster(postgres, valkey, folder)
        try:
            yield cluster
        finally:
            cluster.stop()


def python(*arguments: str) -> list[str]:
    """A command line of this interpreter."""
    return [sys.executable, *arguments]

"""The embedded servers of an instance: those that the environment does not replace."""

import os
import time
from collections.abc import Mapping

from siprems_local import ports
from siprems_local.account import server_account
from siprems_local.embedded_server import EmbeddedServer
from siprems_local.environment import MARKER, backend_environment, uses_own_broker, uses_own_database
from siprems_local.errors import LocalError
from siprems_local.home import Home
from siprems_local.instance import Instance
from siprems_local.log_files import rotate
from siprems_local.output import warn
from siprems_local.postgres import PostgresServer
from siprems_local.valkey import ValkeyServer

# The pause before a server that could not be started again is tried once more.
RETRY_SECONDS = 5.0
# Stands for the port of a server that was never started: nobody listens there, and a check says so.
NO_PORT = 1


class ServerPair:
    """PostgreSQL and Valkey, started together and kept alive."""

    def __init__(self, home: Home, instance: Instance, environ: Mapping[str, str]) -> None:
        self.home = home
        self.instance = instance
        self.environ = environ
        self.running: list[EmbeddedServer] = []
        self.started_at: dict[str, float] = {}
        self._retry_at = 0.0

    def is_needed(self) -> bool:
        """Whether there is a server to start: the environment may name others for both."""
        return uses_own_database(self.environ) or uses_own_broker(self.environ)

    def start(self) -> None:
        """Choose ports, start what is needed and make the database."""
        os.environ[MARKER] = self.instance.id
        self._choose_ports()
        for server in self._needed():
            rotate(server.log)
            self.running.append(server)
            server.start()
            self.started_at[server.name] = time.time()
            if isinstance(server, PostgresServer):
                server.create_database("siprems")

    def keep_alive(self) -> bool:
        """Start servers again that died; returns whether one was."""
        if time.monotonic() < self._retry_at:
            return False
        restarted = False
        for server in self.running:
            try:
                if server.keep_alive():
                    warn(f"{server.name} had ended and was started again; see {server.log}.")
                    self.started_at[server.name] = time.time()
                    restarted = True
            except LocalError as error:
                # What the dead one left (a backend still ending) may need a moment to go.
                self._retry_at = time.monotonic() + RETRY_SECONDS
                warn(f"{server.name} could not be started again and is tried once more: {error}")
        return restarted

    def rotate_logs(self) -> None:
        """Keep the servers' logs from filling the disk."""
        for server in self.running:
            rotate(server.log)

    def stop(self) -> None:
        """Stop the servers, the database last."""
        for server in reversed(self.running):
            server.stop()
        self.running.clear()

    def processes(self) -> dict[str, list[float]]:
        """Process number and start time of each running server."""
        return {
            server.name: [server.pid, self.started_at[server.name]] for server in self.running if server.pid
        }

    def backend_environment(self) -> dict[str, str]:
        """The environment in which the backend finds these servers."""
        return instance_environment(self.home, self.instance, self.environ)

    def _choose_ports(self) -> None:
        instance = self.instance
        instance.database_port = ports.choose(instance.database_port)
        instance.broker_port = ports.choose(instance.broker_port, taken=frozenset({instance.database_port}))
        instance.save(self.home.instance_file)

    def _needed(self) -> list[EmbeddedServer]:
        folder, account, instance = self.home.servers(), server_account(), self.instance
        needed: list[EmbeddedServer] = []
        if uses_own_database(self.environ):
            port, password = instance.database_port or 0, instance.database_password
            log = self.home.log("postgres")
            needed.append(PostgresServer(folder, log, port=port, password=password, account=account))
        if uses_own_broker(self.environ):
            port, password = instance.broker_port or 0, instance.broker_password
            log = self.home.log("valkey")
            needed.append(ValkeyServer(folder, log, port=port, password=password, account=account))
        return needed


def instance_environment(home: Home, instance: Instance, environ: Mapping[str, str]) -> dict[str, str]:
    """The backend's environment for an instance; a server without a port yet cannot be reached."""
    loopback = ports.LOOPBACK
    database_port, broker_port = instance.database_port or NO_PORT, instance.broker_port or NO_PORT
    database = f"postgresql://siprems:{instance.database_password}@{loopback}:{database_port}/siprems"
    broker = f"redis://:{instance.broker_password}@{loopback}:{broker_port}"
    return backend_environment(environ, home, instance, database, broker)

"""The embedded PostgreSQL."""

import os
import re
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg2  # type: ignore[import-untyped]  # It ships no type information.
from psycopg2 import sql

from siprems_local.account import Account
from siprems_local.binaries import postgres_bin
from siprems_local.embedded_server import EmbeddedServer
from siprems_local.errors import LocalError
from siprems_local.ports import LOOPBACK

USER = "siprems"
# For throwaway data: a crash may lose everything, which is what happens to it anyway.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


class PostgresServer(EmbeddedServer):
    """A private PostgreSQL cluster with one superuser, ``siprems``."""

    name = "PostgreSQL"
    # "Fast shutdown": open transactions are rolled back, the data files are left clean.
    stop_signal = signal.SIGINT

    def __init__(
        self,
        folder: Path,
        log: Path,
        *,
        port: int,
        password: str,
        account: Account | None,
        settings: dict[str, str] | None = None,
    ) -> None:
        super().__init__(
            folder / "postgres", log, port=port, password=password, account=account, settings=settings
        )
        self.programs = postgres_bin(folder, account)

    def url(self, database: str = USER) -> str:
        """The address of a database, password included."""
        place = f"{LOOPBACK}:{self.port}/{quote(database, safe='')}"
        return f"postgresql://{USER}:{quote(self.password, safe='')}@{place}"

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make a database unless it exists."""
        with self._connection() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Remove a database and end its connections; unknown names are fine."""
        with self._connection() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def prepare(self) -> None:
        """Make the cluster the first time; afterwards check that these programs can read it."""
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        programs = self._program_version()
        data = version.read_text().strip()
        if data != programs:
            raise LocalError(
                f"The data in {self.data} was made by PostgreSQL {data}, the programs are {programs}: "
                "dump it with the old version and restore it into an empty SIPREMS_HOME."
            )
        self._forget_stale_pid()

    def command(self) -> list[str]:
        """The server's command line."""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
        } | self.settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        """Whether a client can log in; a refused password is an error that waiting does not mend."""
        try:
            with self._connection():
                return True
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                self.stop()
                raise LocalError(
                    f"The database in {self.data} has another password than the one kept in instance.json: "
                    "restore that file, or remove the folder to start afresh."
                ) from error
            return False

    def _connection(self) -> "_AdminCursor":
        return _AdminCursor(self.url("postgres"))

    def _initialise(self) -> None:
        # Made beside its place and renamed: a folder with PG_VERSION in it is always complete.
        unfinished = self.data.with_name(self.data.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self.owned_folder(unfinished)
        with tempfile.NamedTemporaryFile("w", dir=unfinished.parent) as password:
            password.write(self.password)
            password.flush()
            if self.account is not None:
                os.chown(password.name, self.account.uid, self.account.gid)
            command = [
                str(self.programs / "initdb"), "-D", str(unfinished), "-U", USER, "--pwfile", password.name,
                "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
            ]  # fmt: skip
            done = self.run_as_account(command)
        if done.returncode != 0:
            raise LocalError(f"initdb failed:\n{(done.stderr or done.stdout).strip()}")
        os.sync()
        unfinished.rename(self.data)

    def _program_version(self) -> str:
        done = self.run_as_account([str(self.programs / "postgres"), "--version"])
        found = re.search(r"(\d+)", done.stdout.split(")")[-1])
        if done.returncode != 0 or found is None:
            raise LocalError(f"{self.programs / 'postgres'} does not run here: {done.stderr.strip()}")
        return found[1]

    def _forget_stale_pid(self) -> None:
        """Remove the pid file of a server that is gone.

        After a reboot the number in it may belong to another process of the same user, and the server
        would refuse to start because of it.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except FileNotFoundError:
            arguments = []
        except (ValueError, IndexError):
            arguments = []
        if os.fsencode(self.data) in arguments:
            raise LocalError(f"Another PostgreSQL (process {pid}) is using {self.data}: stop it first.")
        pid_file.unlink(missing_ok=True)


class _AdminCursor:
    """A cursor on the maintenance database, each statement its own transaction."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> "psycopg2.extensions.cursor":
        self._connection = psycopg2.connect(self._url, connect_timeout=5, sslmode="disable")
        self._connection.autocommit = True
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()

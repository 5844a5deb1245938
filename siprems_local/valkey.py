"""The embedded Valkey, which speaks the Redis protocol."""

import signal
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from siprems_local.account import Account
from siprems_local.binaries import valkey_server
from siprems_local.embedded_server import EmbeddedServer
from siprems_local.errors import LocalError
from siprems_local.ports import LOOPBACK

THROWAWAY = {"appendonly": "no"}


class ValkeyServer(EmbeddedServer):
    """A private Valkey that keeps queued tasks over a restart and never evicts one for space."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

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
            folder / "valkey", log, port=port, password=password, account=account, settings=settings
        )
        self.program = valkey_server(folder, account)

    def url(self, database: int = 0) -> str:
        """The address of one of its 16 databases, password included."""
        return f"redis://:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder."""
        self.owned_folder(self.data)

    def command(self) -> list[str]:
        """The server's command line: everything else comes through standard input."""
        return [str(self.program), "-"]

    def configuration(self) -> bytes:
        """The configuration, which holds the password and is therefore in no file and no argument."""
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self.password,
            "dir": f'"{self.data}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        } | self.settings
        return "".join(f"{name} {value}\n" for name, value in settings.items()).encode()

    def answers(self) -> bool:
        """Whether a client can log in and the data is loaded."""
        # One attempt: `start` repeats it, and a refusal should show at once.
        once = Retry(NoBackoff(), 0)
        client = redis.Redis(
            host=LOOPBACK, port=self.port, password=self.password, socket_timeout=5, retry=once
        )
        try:
            return bool(client.ping())
        except redis.AuthenticationError as error:
            self.stop()
            raise LocalError(f"Port {self.port} is answered by another Redis or Valkey.") from error
        except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
            return False
        finally:
            client.close()

"""Who runs an instance: a lock that the kernel takes back, and a record to read."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from siprems_local.errors import LocalError
from siprems_local.home import Home
from siprems_local.processes import ProcessIdentity


@dataclass
class Record:
    """What the launcher tells other commands about itself."""

    pid: int
    start: str
    kind: str  # "up", or the name of a command that started servers for itself
    phase: str = "starting"  # then "running", then "stopping"
    since: float = field(default_factory=time.time)
    address: str = ""
    summary: str = ""
    servers: dict[str, list[float]] = field(default_factory=dict)  # name -> [pid, started at]

    @property
    def identity(self) -> ProcessIdentity:
        """The launcher's process."""
        return ProcessIdentity(self.pid, self.start)

    def write(self, home: Home) -> None:
        """Publish the record in one step."""
        path = _path(home)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.chmod(0o600)
        unfinished.replace(path)


def read_record(home: Home) -> Record | None:
    """The record of the launcher that runs now; None where none does, whatever file it left."""
    try:
        record = Record(**json.loads(_path(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.identity.is_alive() else None


def remove_record(home: Home) -> None:
    """Forget the launcher."""
    _path(home).unlink(missing_ok=True)


class InstanceLock:
    """At most one process runs an instance's servers; the lock ends with its holder in whatever way."""

    def __init__(self, home: Home) -> None:
        self._path = home.run / "lock"
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock; returns whether it was free."""
        try:
            lock = self._path.open("w")
        except OSError as error:
            raise LocalError(f"Cannot write to {self._path}: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._file = lock
        return True

    def is_free(self) -> bool:
        """Whether nobody holds the lock."""
        if not os.path.lexists(self._path) or not self.acquire():
            return not os.path.lexists(self._path)
        self.release()
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _path(home: Home) -> Path:
    return home.run / "launcher.json"

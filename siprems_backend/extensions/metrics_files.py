"""Values that several processes count together: each writes files of its own, whoever is asked adds them up.

The files lie in shared memory where there is any: they need no writable disk, a full disk does not hurt
whoever counts, and they are gone with the machine.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Metric, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from siprems_backend.extensions.metrics import REGISTRY

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108: the folders in it are made by mkdtemp.
NAME = "siprems-metrics-"
UNFINISHED = "siprems-unfinished-"
ENDED = "ended"


class SharedValues(Collector):
    """The values of this process, of those it forks and of those among them that have ended."""

    def __init__(self, base: Path | None = None) -> None:
        base = base or _base()
        _remove_abandoned(base)
        made = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=base))
        # Held by every process that is forked from here: the folder is in use until the last of them ends.
        self._in_use = _try_to_hold(made)
        self.folder = made.rename(made.with_name(made.name.replace(UNFINISHED, NAME)))
        self._maker = os.getpid()
        atexit.register(self._remove)

    def collect(self) -> Iterable[Metric]:
        """The sums over all processes."""
        with self._alone():
            self._fold()
            files = [str(file) for file in self.folder.glob("*.db") if file.stat().st_size]
            metrics: Iterable[Metric] = MultiProcessCollector.merge(files)
            return metrics

    def fold(self) -> None:
        """Add what ended processes counted to one file, so that the files do not become ever more."""
        with self._alone():
            self._fold()

    def processes(self) -> list[int]:
        """The living processes that have counted anything."""
        owners = {file.stem.rsplit("_", 1)[1] for file in self.folder.glob("*.db")} - {ENDED}
        return sorted(pid for pid in map(int, owners) if _lives(pid))

    def _fold(self) -> None:
        for file in self.folder.glob("*.db"):
            kind, owner = file.stem.split("_")[0], file.stem.rsplit("_", 1)[1]
            if owner == ENDED or _lives(int(owner)):
                continue
            # What a gauge showed ended with its process.
            if kind != "gauge" and file.stat().st_size:
                _add(file, self.folder / f"{kind}_{ENDED}.db")
            file.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            # Closing is not enough: a process forked meanwhile would keep the lock.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _remove(self) -> None:
        if os.getpid() == self._maker:
            shutil.rmtree(self.folder, ignore_errors=True)


class _Sharing:
    values: SharedValues | None = None


def share() -> None:
    """Count together with all processes that are forked from now on.

    Called once, before anything is counted: an instrument chooses where a value lies when it is first used.
    """
    if _Sharing.values is None:
        _Sharing.values = SharedValues()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_Sharing.values.folder)
        values.ValueClass = values.MultiProcessValue()


def fold() -> None:
    """Tidy up after processes that ended; see `SharedValues.fold`."""
    if _Sharing.values is not None:
        _Sharing.values.fold()


def instruments() -> Collector:
    """What the instruments counted: in all processes that share, or in this one."""
    return _Sharing.values or REGISTRY


def counting_processes() -> list[int]:
    """The processes whose values `instruments` adds up."""
    return _Sharing.values.processes() if _Sharing.values else [os.getpid()]


def _base() -> Path:
    usable = os.access(SHARED_MEMORY, os.W_OK | os.X_OK)
    return SHARED_MEMORY if usable else Path(tempfile.gettempdir())


def _remove_abandoned(base: Path) -> None:
    """Remove the folders whose processes were all killed."""
    for folder in base.glob(f"{NAME}*"):
        descriptor = _try_to_hold(folder)
        if descriptor is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def _try_to_hold(folder: Path) -> int | None:
    """A descriptor that locks the folder; None when it is in use, or is somebody else's."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _add(source: Path, target: Path) -> None:
    total = MmapedDict(str(target))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(source)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
    finally:
        total.close()

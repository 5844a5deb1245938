"""The process of a tool as its worker sees it: started, listened to, ended."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import orjson

from siprems_backend.config import get_settings

PROGRAM = "siprems_backend.tool_process"
SOURCE = Path(__file__).resolve().parents[3]
# What a tool may know of the worker's environment; secrets come through the pipe, if at all.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SIPREMS_INSTANCE", "NUMBA_CACHE_DIR")
# One thread for numerical libraries, as in workers; few memory pools, because address space is limited.
MADE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONUNBUFFERED": "1",
}
PIECE = 65_536
# Those that are listened to.
PIPES = 2
LONGEST_LINE = 4 * 1024**2
GUARD_ENDS_WITHIN_SECONDS = 1.5


@dataclass
class Lines:
    """Bytes of a pipe as lines; a line that never ends is cut."""

    pending: bytes = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes; its end (no data) completes the last one."""
        *whole, rest = (self.pending + data).split(b"\n")
        if not data or len(rest) > LONGEST_LINE:
            whole, rest = [*whole, rest[:LONGEST_LINE]], b""
        self.pending = rest
        return [line for line in whole if line]


@dataclass
class Heard:
    """What came since the last time."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


class Child:
    """A tool's process with its guard; leaving the block ends both, whatever they are at."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._lifeline = _pipe(process.stdin)
        self._answers, self._errors = _pipe(process.stdout), _pipe(process.stderr)
        self._selector = selectors.DefaultSelector()
        for pipe in (self._answers, self._errors):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, Lines())

    @classmethod
    def start(cls, request: Mapping[str, Any], folder: Path) -> Self:
        """Start a process that does what the request says in its folder."""
        child = cls.open(PROGRAM, folder)
        child.send(request)
        return child

    @classmethod
    def open(cls, program: str, folder: Path) -> Self:
        """Start a module of ours as a process that waits for a request, in a session of its own."""
        process = subprocess.Popen(  # noqa: S603  Our own interpreter and module.
            [sys.executable, "-P", "-m", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(folder),
            start_new_session=True,
        )
        return cls(process)

    def send(self, request: Mapping[str, Any]) -> None:
        """Ask for a run; a process that is already dead is noticed by what it says: nothing."""
        with contextlib.suppress(BrokenPipeError):
            self._lifeline.write(orjson.dumps(request) + b"\n")
            self._lifeline.flush()

    @property
    def is_alive(self) -> bool:
        """Whether the guard runs; one whose pipes have ended is about to end as well."""
        return self._process.poll() is None and len(self._selector.get_map() or ()) == PIPES

    def __enter__(self) -> Self:
        """The child itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End both processes and everything below them."""
        self.stop()

    def listen(self, seconds: float) -> Heard | None:
        """What comes within this time; None when both pipes have ended, and with them the processes."""
        if not self._selector.get_map():
            return None
        heard = Heard()
        for key, _ in self._selector.select(seconds):
            data = _read(key.fd)
            if data is None:
                continue
            lines = key.data.feed(data)
            if key.fileobj is self._answers:
                heard.messages += _parsed(lines)
            else:
                heard.log += [line.decode(errors="replace") for line in lines]
            if not data:
                self._selector.unregister(key.fileobj)
        return heard

    def stop(self, within_s: float = GUARD_ENDS_WITHIN_SECONDS) -> None:
        """Close the lifeline, at which the guard ends everything; if it does not soon, end the guard."""
        with contextlib.suppress(BrokenPipeError):
            self._lifeline.close()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._selector.close()
        self._answers.close()
        self._errors.close()


def environment(folder: Path) -> dict[str, str]:
    """The environment of a tool: what it needs to find its code and its files, and nothing that is secret."""
    passed = {name: value for name in PASSED_ON if (value := os.environ.get(name))} | _settings()
    paths = [str(SOURCE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
    return {**passed, **MADE, **own}


def _settings() -> dict[str, str]:
    """Settings that a tool may need; not from the environment, for they may stand in `.env`."""
    settings = get_settings()
    return {
        "SIPREMS_ENV": settings.siprems_env,
        "MODELS_DIR": str(settings.models_dir.absolute()),
        "MODELS_META_DIR": str(settings.meta_dir.absolute()),
        "DATA_DIR": str(settings.data_dir.absolute()),
        "FORECAST_HORIZON_DAYS": str(settings.forecast_horizon_days),
        "LOG_LEVEL": settings.log_level,
        "TOOL_PACKAGES": ",".join(settings.tool_packages),
    }


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for, and therefore is there."""
    if pipe is None:
        raise RuntimeError("a process was started without its pipes")
    return pipe


def _read(descriptor: int) -> bytes | None:
    """What is there; nothing at the end, None where there is nothing yet."""
    try:
        return os.read(descriptor, PIECE)
    except BlockingIOError:
        return None


def _parsed(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """The messages among the lines; what is none, such as the half of one, is passed over."""
    for line in lines:
        with contextlib.suppress(orjson.JSONDecodeError):
            message = orjson.loads(line)
            if isinstance(message, dict):
                yield message

"""A run's own process: limits first, then a database that cannot be written to, then the work."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import resource
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from siprems_backend.config import Settings, get_settings
from siprems_backend.extensions.database import database
from siprems_backend.services.tool_runner import execution, messages
from siprems_backend.utils.logs import configure_logging
from siprems_backend.utils.run_limits import RunLimits

# Interactive work and training come first.
NICENESS = 10
MOST_OPEN_FILES = 512
# Of all processes of the machine the kernel ends this one first when memory runs out.
OUT_OF_MEMORY_SCORE = "800"
CRASHED = 1

Request = dict[str, Any]
Work = Callable[[Request, Path, messages.Writer], Mapping[str, Any]]


def tool(request: Request, folder: Path, answer: messages.Writer) -> Mapping[str, Any]:
    """Run the tool that the request names."""
    return execution.execute(request["tool"], request["parameters"], folder, answer.progress)


def run(request: Request, answers: int, work: Work) -> int:
    """Do the work that is requested; the exit status, which is 0 when the answers say how it went."""
    faulthandler.enable()
    _limit(RunLimits(**request["limits"]))
    folder = Path(request["folder"])
    os.chdir(folder)
    settings = _settings(request["database_url"])
    configure_logging(settings.log_level, "console")
    database.bind(settings, read_only=True)
    answer = messages.Writer(answers)
    try:
        made = work(request, folder, answer)
    except BaseException as error:
        if (known := messages.describe(error)) is not None:
            answer.error(known)
            return 0
        traceback.print_exc(file=sys.stderr)
        return CRASHED
    answer.result(made)
    return 0


def _limit(limits: RunLimits) -> None:
    """Have the kernel keep the limits of a single process; the guard looks at all of them together.

    The number of processes is none of them: the kernel counts those of the user, in whatever container.
    """
    os.umask(0o027)
    os.nice(NICENESS)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5)
    _set(resource.RLIMIT_AS, limits.memory_bytes)
    _set(resource.RLIMIT_FSIZE, limits.output_bytes)
    _set(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OUT_OF_MEMORY_SCORE)


def _set(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit; one that is lower already stays."""
    most = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    ceiling = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (min(soft, ceiling), ceiling))


def _settings(database_url: str) -> Settings:
    """The settings, read without leaving a secret in the environment.

    The key signs nothing here, but settings without one are refused.
    """
    os.environ |= {"DATABASE_URL": database_url, "JWT_SECRET_KEY": secrets.token_hex(32)}
    try:
        return get_settings()
    finally:
        del os.environ["DATABASE_URL"], os.environ["JWT_SECRET_KEY"]

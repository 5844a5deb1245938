"""``./siprems test``: everything that has to be well before a change is published."""

import os
import subprocess
import sys
import time
from pathlib import Path

from siprems_local.home import CHECKOUT
from siprems_local.output import say, warn

PACKAGES = ["siprems_engine", "siprems_backend", "siprems_local"]
COVERED = ["siprems_engine", "siprems_backend/services"]
COVERAGE_PERCENT = 90
# Settings of a real instance: no test may reach it by accident.
_SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "CACHE_URL",
    "MODELS_DIR",
    "MODELS_META_DIR",
    "DATA_DIR",
    "PORT",
    "HOST",
)
_PREFIXES = ("DB_", "CELERY_", "PG", "JWT_", "SIPREMS_")
_BANDIT_OPTIONS = (
    "--quiet", "--configfile", "pyproject.toml", "--format", "custom", "--msg-template",
    "{relpath}:{line}: {test_id} {msg}",
)  # fmt: skip
# Each of the many processes that tests start would compile the whole program anew.
_SLOW = ("PYTHONDONTWRITEBYTECODE",)
_KEPT = ("SIPREMS_VENV", "SIPREMS_PYTHON", "SIPREMS_DATA")


def run(arguments: list[str]) -> int:
    """Run all checks and then the tests; with arguments only pytest, with these arguments."""
    environment = environment_of_tests(dict(os.environ))
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.call([*pytest, *arguments], cwd=_pytest_folder(arguments), env=environment)
    # Their processes would each compile all tests anew, which takes minutes where that was never done.
    compiling = _in_background([*pytest, "--collect-only", "-q"], environment)
    failed = [name for name, command in checks().items() if not _passes(name, command, environment)]
    if failed:
        warn(f"Failed so far: {', '.join(failed)}")
    compiling.wait()
    say("== pytest")
    measured = [f"--cov={package}" for package in COVERED]
    limits = [f"--cov-fail-under={COVERAGE_PERCENT}", "--cov-report=term:skip-covered"]
    # A file stays together: its servers and workers are started once, and end with it.
    # Many of them wait for servers and workers, so that there is room for four on two cores. Files are taken
    # in the order in which they were collected, which begins with those that take long.
    parallel = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    status = subprocess.call([*pytest, "-q", *parallel, *measured, *limits], cwd=CHECKOUT, env=environment)
    if failed:
        warn(f"Failed before the tests: {', '.join(failed)}")
    return status or int(bool(failed))


def checks() -> dict[str, list[str]]:
    """The checks before the tests: name and command."""
    python = [sys.executable, "-m"]
    return {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
        "import rules": [str(Path(sys.executable).parent / "lint-imports")],
        "codespell": [*python, "codespell_lib"],
        "bandit": [*python, "bandit", *_BANDIT_OPTIONS, "--recursive", *PACKAGES],
    }


def environment_of_tests(environ: dict[str, str]) -> dict[str, str]:
    """The environment without real databases, brokers and model folders, nor what makes starts slow."""
    return {
        name: value
        for name, value in environ.items()
        if name in _KEPT or not (name in (*_SETTINGS, *_SLOW) or name.startswith(_PREFIXES))
    }


def _pytest_folder(arguments: list[str]) -> Path:
    # Paths in the arguments are relative to where they were typed, if they exist there.
    named = [part.split("::")[0] for part in arguments if not part.startswith("-")]
    return Path.cwd() if any(Path(part).exists() for part in named) else CHECKOUT


def _in_background(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start what may fail: it fails again, and is told of, where it matters."""
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - began
    say(f"== {name}: {'ok' if done.returncode == 0 else 'FAILED'} ({seconds:.1f} s)")
    if done.returncode != 0:
        say(done.stdout.strip())
    return done.returncode == 0

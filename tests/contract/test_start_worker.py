"""`start_worker.sh`: what it starts, seen by a stand-in for `celery` that writes down how it was called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from siprems_backend.services.task_registry.kinds import OPTIONAL, Queue

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "start_worker.sh"
NEEDED = [queue for queue in Queue if queue not in OPTIONAL]
STAND_IN = """#!/bin/sh
printf '%s\\n' "$$" "$@" > "$CALLED"
env > "$CALLED.env"
"""


class Installation:
    """A folder with the script and a `celery` on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "with a space"
        self.folder.mkdir()
        self.called = folder / "called"
        shutil.copy(SCRIPT, self.folder)
        self.put_celery(folder / "bin")
        self.path = str(folder / "bin")

    def put_celery(self, folder: Path, mark: str = "") -> None:
        folder.mkdir(parents=True)
        (folder / "celery").write_text(STAND_IN + mark)
        (folder / "celery").chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.folder / "start_worker.sh"), *arguments],
            env={"PATH": f"{self.path}:{os.defpath}", "CALLED": str(self.called), **environment},
            cwd="/",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, **environment: str) -> list[str]:
        """Celery's arguments; the script must have become it."""
        process = self.start(*arguments, **environment)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        pid, *found = self.called.read_text().splitlines()
        assert int(pid) == process.pid, "signals would stop the script and not Celery"
        assert found[:2] == ["-A", "siprems_backend.celery_app"]
        return found[2:]

    def variables(self) -> dict[str, str]:
        lines = (self.called.parent / "called.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def refuse(self, *arguments: str, **environment: str) -> str:
        process = self.start(*arguments, **environment)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 2
        assert not self.called.exists()
        return errors


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


def test_it_is_sound_and_executable() -> None:
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0
    assert os.access(SCRIPT, os.X_OK)


def test_worker_defaults(installation: Installation) -> None:
    found = installation.run("worker")
    assert found[0] == "worker"
    assert option(found, "--queues") == ",".join(NEEDED)
    # The image's health check asks the worker by this name.
    assert option(found, "--hostname") == "celery@%h"
    assert option(found, "--concurrency") == str(len(os.sched_getaffinity(0)))
    assert option(found, "--max-tasks-per-child") == "200"
    assert option(found, "--loglevel") == "INFO"
    assert option(found, "-O") == "fair"
    assert {"--without-mingle", "--without-gossip"} <= set(found)
    assert "--beat" not in found
    variables = installation.variables()
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    assert [variables[name] for name in threads] == ["1"] * 4
    # The settings read relative folders and `.env` from the project's folder.
    assert variables["PWD"] == str(installation.folder)


def test_worker_options(installation: Installation) -> None:
    found = installation.run(
        "worker",
        WORKER_NAME="second",
        CONCURRENCY="7",
        QUEUES="training,maintenance",
        MAX_TASKS_PER_CHILD="5",
        LOG_LEVEL="DEBUG",
        TIME_LIMIT="120",
        SOFT_TIME_LIMIT="90",
    )
    assert option(found, "--concurrency") == "7"
    assert option(found, "--hostname") == "second@%h"
    assert option(found, "--queues") == "training,maintenance"
    assert option(found, "--max-tasks-per-child") == "5"
    assert option(found, "--loglevel") == "DEBUG"
    variables = installation.variables()
    assert variables["CELERY_TASK_TIME_LIMIT"] == "120"
    assert variables["CELERY_TASK_SOFT_TIME_LIMIT"] == "90"
    assert variables["LOG_LEVEL"] == "DEBUG"


def test_empty_variables_are_not_set_ones(installation: Installation) -> None:
    found = installation.run("worker", CONCURRENCY="", QUEUES="", TIME_LIMIT="", LOG_LEVEL="")
    assert option(found, "--queues") == ",".join(NEEDED)
    assert "CELERY_TASK_TIME_LIMIT" not in installation.variables()


def test_frameworks_that_are_installed_are_served(installation: Installation) -> None:
    for name in ("torch", "tensorflow"):
        (installation.folder / name).mkdir()
        (installation.folder / name / "__init__.py").write_text("raise SystemExit('it is only looked for')")
        # The Python beside `celery`, and none else, runs the tasks.
        python = Path(installation.path) / "python"
        python.unlink(missing_ok=True)
        python.symlink_to(sys.executable)
        found = installation.run("worker", PYTHONPATH=str(installation.folder))
        assert option(found, "--queues").split(",")[: len(NEEDED)] == NEEDED
    assert option(found, "--queues").split(",")[-2:] == ["pytorch", "tensorflow"]


def test_beat_needs_no_file(installation: Installation) -> None:
    assert installation.run("beat") == ["beat", "--loglevel", "INFO", "--pidfile="]


def test_both_is_a_worker_with_beat_inside(installation: Installation) -> None:
    found = installation.run("both", CONCURRENCY="2")
    assert found[0] == "worker"
    assert "--beat" in found
    assert option(found, "--concurrency") == "2"


@pytest.mark.parametrize("credentials", ["", "user", "user:", ":password"])
def test_flower_never_runs_open(installation: Installation, credentials: str) -> None:
    assert "set FLOWER_BASIC_AUTH" in installation.refuse("flower", FLOWER_BASIC_AUTH=credentials)


def test_flower(installation: Installation) -> None:
    found = installation.run("flower", FLOWER_BASIC_AUTH="user:password")
    assert found == ["flower", "--address=127.0.0.1", "--port=5555"]
    # Flower reads it from the environment: arguments are seen by everybody on the machine.
    assert installation.variables()["FLOWER_BASIC_AUTH"] == "user:password"


@pytest.mark.parametrize("arguments", [(), ("web",), ("worker", "beat"), ("--help",), ("",)])
def test_unknown_roles(installation: Installation, arguments: tuple[str, ...]) -> None:
    assert "worker, beat" in installation.refuse(*arguments)


def test_the_environment_beside_it_comes_first(installation: Installation) -> None:
    installation.put_celery(installation.folder / ".venv" / "bin", mark='echo beside >> "$CALLED"\n')
    assert installation.run("worker")[-1] == "beside"
    # One that is in use already wins, wherever it is.
    assert installation.run("worker", VIRTUAL_ENV="/elsewhere")[-1] != "beside"


def test_without_celery(installation: Installation) -> None:
    (Path(installation.path) / "celery").unlink()
    assert "celery is not installed" in installation.refuse("worker")

"""One run of a tool: what it is given, what is kept, how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest

from siprems_backend.config import Settings, get_settings
from siprems_backend.errors import Forbidden, Invalid, NotFound, TaskCancelled
from siprems_backend.extensions.database import Database
from siprems_backend.services import task_registry
from siprems_backend.services.availability import is_transient
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.services.tool_runner import child, listening, runs
from siprems_backend.services.tool_runner.failures import ToolFailed
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.tool_runner.conftest import Run

PATIENCE_SECONDS = 30


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def a_task(database: Database, role: Role = Role.ANALYST) -> UUID:
    """A task in the ledger whose owner has this role."""
    owner = factories.make_principal(database, role)
    return task_registry.submit(TaskKind.RUN_TOOL, {"tool_name": "misbehave"}, owner=owner).task_id


def command(process: psutil.Process) -> list[str]:
    """Its command line; none of a process that has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def folders() -> list[Path]:
    return sorted((get_settings().data_dir / "task_files").glob("*/*"))


class Reports:
    """Collects progress, and asks for the end of the run when a report matches."""

    def __init__(self, cancel_at: str | None = None) -> None:
        self.messages: list[str] = []
        self._cancel_at = cancel_at

    def __call__(self, current: int, total: int, message: str = "") -> None:
        self.messages.append(message)
        if self._cancel_at is not None and message.startswith(self._cancel_at):
            raise TaskCancelled

    def daemon(self) -> int:
        return next(int(text.split()[1]) for text in self.messages if text.startswith("daemon"))


def test_a_tool_sees_no_secrets_and_little_else(
    misbehave: Run, database: Database, migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    monkeypatch.setenv("PGPASSWORD", "also secret")
    seen = misbehave("look_around", a_task(database))["summary"]
    password = migrated.database_url.split("@")[0].rsplit(":", 1)[1]
    for place in ("environment", "at_start", "command"):
        text = str(seen[place])
        for secret in ("very secret", "also secret", migrated.jwt_secret_key.get_secret_value()):
            assert secret not in text
        assert password not in text
        assert migrated.redis_url not in text
    assert not {"DATABASE_URL", "JWT_SECRET_KEY", "REDIS_URL"} & set(seen["environment"])
    assert Path(seen["folder"]).parent.name == "scratch"
    assert seen["environment"]["TMPDIR"] == seen["folder"]
    assert (seen["mask"], seen["niceness"]) == (0o027, 10)
    assert seen["session_is_own"]


def test_settings_reach_a_tool_wherever_they_stand(
    misbehave: Run, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also from `.env`, with folders relative to where the worker was started."""
    names = {"DATA_DIR": "here", "MODELS_DIR": "models", "TOOL_PACKAGES": "tests.extra_tools"}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIPREMS_ENV", "production")
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    seen = misbehave("look_around", a_task(database))["summary"]["environment"]
    assert seen["DATA_DIR"] == str(tmp_path / "here")
    assert seen["MODELS_META_DIR"] == str(tmp_path / "models" / "meta")
    assert (seen["SIPREMS_ENV"], seen["TOOL_PACKAGES"]) == ("production", "tests.extra_tools")


def test_files_are_kept_and_nothing_else(misbehave: Run, database: Database) -> None:
    task_id = a_task(database)
    result = misbehave("look_around", task_id)
    assert result["tool"] == "misbehave"
    assert result["output_files"] == [
        {
            "name": "report.html",
            "content_type": "text/html; charset=utf-8",
            "size_bytes": 9,
            "url": f"/api/v1/tasks/{task_id}/files/report.html",
        }
    ]
    (kept,) = folders()
    assert kept.parent.name == "kept"
    assert [file.name for file in kept.iterdir()] == ["report.html"]


def test_the_same_run_twice_keeps_its_files_once(misbehave: Run, database: Database) -> None:
    task_id = a_task(database)
    first, second = (misbehave("look_around", task_id)["output_files"] for _ in range(2))
    assert first == second
    assert len(folders()) == 1


def test_runs_at_the_same_time_do_not_meet(misbehave: Run, database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor

    tasks = [a_task(database) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda task_id: misbehave("look_around", task_id), tasks))
    assert len({result["summary"]["folder"] for result in results}) == 3
    assert len(folders()) == 3


def test_cancelling_ends_everything_at_once(misbehave: Run) -> None:
    reports = Reports(cancel_at="daemon")
    with pytest.raises(TaskCancelled):
        misbehave("daemon_and_sleep", on_progress=reports)
    wait_until(lambda: not psutil.pid_exists(reports.daemon()), "the end of the daemon")
    assert folders() == []


def test_no_process_outlives_its_run(misbehave: Run, database: Database) -> None:
    result = misbehave("leave_a_daemon", a_task(database))
    wait_until(lambda: not psutil.pid_exists(result["summary"]["daemon"]), "the end of the daemon")


WORKER = """
import sys
from uuid import uuid4
from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.services.tool_runner import child, runs
database.bind(get_settings())
say = lambda *report: print(report, flush=True)
runs.run(uuid4(), "misbehave", {"how": "daemon_and_sleep"}, on_progress=say)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_tool_dies_with_its_worker_and_its_files_too(
    misbehave: Run, tmp_path: Path, sign: signal.Signals
) -> None:
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=output, stderr=output)
    wait_until(lambda: "daemon" in log.read_text() or worker.poll() is not None, "the daemon")
    assert worker.poll() is None, log.read_text()
    family = psutil.Process(worker.pid).children(recursive=True)
    family.append(psutil.Process(int(log.read_text().split("daemon ")[1].split("'")[0])))
    assert len({process.pid for process in family}) == 3
    assert len(folders()) == 1
    worker.send_signal(sign)
    worker.wait()
    psutil.wait_procs(family, PATIENCE_SECONDS)
    assert [process for process in family if process.is_running()] == []
    wait_until(lambda: folders() == [], "the removal of the folder")


def test_a_tool_dies_with_its_guard(misbehave: Run) -> None:
    class KillingTheGuard(Reports):
        def __call__(self, current: int, total: int, message: str = "") -> None:
            super().__call__(current, total, message)
            if message == "Asleep":
                guard = next(each for each in psutil.Process().children() if child.PROGRAM in command(each))
                self.tool = guard.children()[0]
                guard.kill()

    reports = KillingTheGuard()
    with pytest.raises(ToolFailed, match="killed by SIGKILL, most likely because the machine ran out"):
        misbehave("sleep", on_progress=reports)
    wait_until(lambda: not reports.tool.is_running(), "the end of the tool")
    assert folders() == []


def test_a_crash_says_what_was_said_last(misbehave: Run) -> None:
    with pytest.raises(ToolFailed) as caught:
        misbehave("crash")
    assert caught.value.message.startswith("The tool crashed. Its last lines: ")
    assert "ZeroDivisionError: division by zero" in caught.value.message
    assert 'File "misbehave.py"' in caught.value.message
    assert str(Path.cwd()) not in caught.value.message


def test_a_crash_of_compiled_code_is_named(misbehave: Run) -> None:
    with pytest.raises(ToolFailed, match=r"killed by SIGSEGV.*Segmentation fault"):
        misbehave("segfault")


def test_a_tool_that_ends_without_an_answer_has_failed(misbehave: Run) -> None:
    with pytest.raises(ToolFailed, match="The tool crashed"):
        misbehave("quit_silently")


def test_a_full_disk_may_pass(misbehave: Run) -> None:
    with pytest.raises(OSError, match="No space left on device") as caught:
        misbehave("fill_the_disk")
    assert is_transient(caught.value)
    assert "secret" not in str(caught.value)


def test_what_a_tool_says_is_wrong_is_passed_on(misbehave: Run) -> None:
    with pytest.raises(NotFound, match="nothing to report on") as caught:
        misbehave("refuse")
    assert caught.value.code == "nothing_there"


def test_tools_cannot_write_to_the_database(misbehave: Run, database: Database) -> None:
    factories.make_product(database)
    with pytest.raises(ToolFailed, match="read-only transaction"):
        misbehave("write_to_the_database")


@pytest.mark.parametrize("how", ["promise_a_file", "link_to_a_secret"])
def test_a_file_that_is_none_is_not_kept(misbehave: Run, how: str) -> None:
    with pytest.raises((ToolFailed, FileNotFoundError)):
        misbehave(how)
    assert folders() == []


def test_chatter_is_bounded(misbehave: Run, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    result = misbehave("chatter", a_task(database))
    assert len(result["output_files"]) == 1
    lines = [record for record in caplog.records if "line " in str(record.msg)]
    assert 200 < len(lines) <= listening.MOST_LOG_LINES


def test_a_role_that_was_lowered_counts(misbehave: Run, database: Database) -> None:
    with pytest.raises(Forbidden, match="needs the role 'analyst'"):
        misbehave("look_around", a_task(database, Role.CLERK))


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("no such tool", {}, "There is no such tool; there are abc_xyz, .*, misbehave, "),
        ("misbehave", {}, "parameters.how: Is missing."),
        ("misbehave", {"how": "politely"}, "parameters.how: Must be one of burn, "),
    ],
)
def test_a_message_by_hand_is_checked_like_a_request(
    extra_tools: object, database: Database, name: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        runs.run(uuid4(), name, parameters)

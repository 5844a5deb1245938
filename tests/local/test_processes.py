"""Recognising processes."""

import os
import subprocess
import sys
from pathlib import Path

from siprems_local.environment import MARKER
from siprems_local.processes import ProcessIdentity, children_of, end_processes, identify, instance_processes


def _sleeper(environment: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], env=environment, cwd=cwd)


def test_a_number_given_to_another_process_is_not_the_same() -> None:
    me = identify(os.getpid())
    assert me is not None
    assert me.is_alive()
    assert not ProcessIdentity(me.pid, "another boot:1").is_alive()


def test_an_ended_process_has_no_identity() -> None:
    process = _sleeper()
    found = identify(process.pid)
    assert found is not None
    assert process.pid in children_of(os.getpid())
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert identify(process.pid) is None, "a zombie has ended"
    process.wait()
    assert not found.is_alive()


def test_processes_are_found_by_mark_or_folder_and_ended(tmp_path: Path) -> None:
    mark = f"test-{os.getpid()}"
    marked = _sleeper({MARKER: mark})
    inside = _sleeper(cwd=tmp_path)
    other = _sleeper({MARKER: mark + "0"})
    found = instance_processes(mark, (tmp_path.resolve(),))
    assert sorted(found) == sorted([marked.pid, inside.pid])
    end_processes(found, patience=10.0)
    assert other.poll() is None
    other.kill()
    for process in (marked, inside, other):
        process.wait()


def test_a_process_that_does_not_want_to_end_is_killed() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    end_processes([process.pid], patience=0.1)
    assert process.wait() == -9
    process.stdout.close()


def test_ending_what_is_gone_already_is_fine() -> None:
    process = _sleeper()
    process.kill()
    process.wait()
    end_processes([process.pid], patience=1.0)

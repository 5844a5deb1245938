"""Values that several processes count together."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from siprems_backend.extensions import metrics
from siprems_backend.extensions.metrics_files import NAME, SharedValues
from tests.metrics import parse, value

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def counted() -> subprocess.CompletedProcess[str]:
    """A family of processes that counted; its folder stands on standard error."""
    command = [sys.executable, "-m", "tests.extensions.counting_together"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_living_and_ended_processes_add_up(counted: subprocess.CompletedProcess[str]) -> None:
    assert counted.returncode == 0, counted.stderr
    samples = parse(counted.stdout)
    assert value(samples, "siprems_tasks_started_total", kind="kind") == 1111
    assert value(samples, "siprems_task_seconds_count", kind="kind") == 3
    assert value(samples, "siprems_task_seconds_bucket", kind="kind", le="0.01") == 0
    assert value(samples, "siprems_task_seconds_bucket", kind="kind", le="0.05") == 3
    assert value(samples, "siprems_task_seconds_sum", kind="kind") == pytest.approx(0.06)


def test_what_a_dead_process_showed_is_gone(counted: subprocess.CompletedProcess[str]) -> None:
    assert value(parse(counted.stdout), "siprems_event_streams", stream="stream") == 1000


def test_the_folder_is_removed_at_the_end(counted: subprocess.CompletedProcess[str]) -> None:
    folder = Path(counted.stderr)
    assert folder.name.startswith(NAME)
    assert not folder.exists()


def test_folders_of_killed_processes_are_removed(tmp_path: Path) -> None:
    abandoned = tmp_path / f"{NAME}abandoned"
    abandoned.mkdir()
    (abandoned / "counter_1.db").write_bytes(b"x")
    in_use = tmp_path / f"{NAME}inuse"
    in_use.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"{NAME}link").symlink_to(elsewhere)
    descriptor = os.open(in_use, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        values = SharedValues(tmp_path)
        assert not abandoned.exists()
        assert in_use.exists()
        assert elsewhere.exists()
        # Another start does not take what this process uses.
        assert SharedValues(tmp_path).folder.exists()
        assert values.folder.exists()
    finally:
        os.close(descriptor)


def test_the_folder_is_private(tmp_path: Path) -> None:
    assert SharedValues(tmp_path).folder.stat().st_mode & 0o077 == 0


def test_a_file_that_was_just_made_does_not_spoil_the_answer(tmp_path: Path) -> None:
    values = SharedValues(tmp_path)
    (values.folder / f"counter_{os.getpid()}.db").touch()
    assert list(values.collect()) == []


def test_every_instrument_has_labels() -> None:
    """One without would choose where its value lies before `share` could tell it."""
    families = list(metrics.REGISTRY.collect())
    assert len(families) == 11
    instruments = [getattr(metrics, name) for name in vars(metrics) if name.isupper()]
    labelled = [each for each in instruments if hasattr(each, "_labelnames")]
    assert len(labelled) == len(families)
    assert all(instrument._labelnames for instrument in labelled)

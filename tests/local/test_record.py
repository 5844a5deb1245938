"""Who runs an instance."""

import os

import pytest

from siprems_local.home import Home
from siprems_local.processes import identify
from siprems_local.record import InstanceLock, Record, read_record, remove_record


def _record() -> Record:
    me = identify(os.getpid())
    assert me is not None
    return Record(me.pid, me.start, "up", address="http://127.0.0.1:1", servers={"PostgreSQL": [1, 2.5]})


def test_a_record_of_a_running_process_is_read(home: Home) -> None:
    record = _record()
    record.write(home)
    assert read_record(home) == record
    remove_record(home)
    remove_record(home)
    assert read_record(home) is None


def test_a_record_from_before_a_reboot_is_stale(home: Home) -> None:
    record = _record()
    record.start = "another-boot:" + record.start.split(":")[1]
    record.write(home)
    assert read_record(home) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"pid": 1}', "\x00"])
def test_a_damaged_record_counts_as_none(home: Home, content: str) -> None:
    (home.run / "launcher.json").write_text(content)
    assert read_record(home) is None


def test_the_lock_has_one_holder(home: Home) -> None:
    first, second = InstanceLock(home), InstanceLock(home)
    assert second.is_free()
    assert first.acquire()
    assert not second.is_free()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()

"""A file that is being written is nobody's business until it is complete."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from siprems_backend.utils.atomic_file import open_atomically


def test_the_new_file_takes_the_place_of_the_old_one_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with open_atomically(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with open_atomically(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    with open_atomically(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_no_file_is_written_as_it_is(tmp_path: Path) -> None:
    """Putting a file in the place of a device would break the machine."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with open_atomically(pipe) as file:
        file.write(b"told")
    reader.join()
    assert read == [b"told"]
    assert pipe.is_fifo()


def test_standard_output_is_written_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    with open_atomically(Path("/dev/stdout")) as file:
        file.write(b"told")
    assert capfd.readouterr().out == "told"

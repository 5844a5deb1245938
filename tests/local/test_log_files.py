"""Log rotation and tails."""

from pathlib import Path

from siprems_local.log_files import rotate, tail


def test_a_large_log_is_moved_while_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"a" * 11)
        assert rotate(path, max_bytes=10)
        writer.write(b"b")
    assert path.read_bytes() == b"b"
    assert (tmp_path / "server.log.1").read_bytes() == b"a" * 11
    assert not rotate(path, max_bytes=10)


def test_a_missing_log_is_nothing(tmp_path: Path) -> None:
    assert not rotate(tmp_path / "none.log")
    assert tail(tmp_path / "none.log") == ""


def test_the_tail_survives_odd_bytes(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(b"first\n" * 10_000 + b"\xff\x00 odd\nlast\n")
    assert tail(path, 2).splitlines()[-1] == "last"
    assert len(tail(path, 2).splitlines()) == 2

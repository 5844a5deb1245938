"""A value that is looked up seldom, and never waited for long."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from siprems_backend.utils.snapshot import Snapshot


def test_many_ask_and_one_looks() -> None:
    looks: list[int] = []
    everybody = threading.Barrier(8)

    def look() -> int:
        looks.append(1)
        return len(looks)

    snapshot = Snapshot("test", look, fresh_for_s=60, patience_s=30)

    def ask(_: int) -> int | None:
        everybody.wait()
        return snapshot.get()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}
    assert len(looks) == 1


def test_it_looks_again_when_the_value_is_old() -> None:
    values = iter(range(10))
    snapshot = Snapshot("test", lambda: next(values), fresh_for_s=0, patience_s=30)
    assert [snapshot.get() for _ in range(3)] == [0, 1, 2]


def test_a_look_that_fails_gives_nothing_and_is_not_repeated_at_once() -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        raise OSError("away")

    snapshot = Snapshot("test", look, fresh_for_s=60, patience_s=30)
    assert snapshot.get() is None
    assert snapshot.get() is None
    assert len(looks) == 1


def test_a_look_that_hangs_holds_up_one_thread_only() -> None:
    go_on = threading.Event()
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        go_on.wait(60)
        return 5

    snapshot = Snapshot("test", look, fresh_for_s=60, patience_s=0.01)
    assert [snapshot.get() for _ in range(3)] == [None, None, None]
    assert len(looks) == 1
    under_way = snapshot._under_way
    assert under_way is not None
    go_on.set()
    assert under_way.wait(30)
    assert snapshot.get() == 5

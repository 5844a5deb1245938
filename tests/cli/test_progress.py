"""Progress bars of commands."""

from __future__ import annotations

import pytest

from siprems_backend.cli.progress import progress_bar


def test_what_has_ended_is_shown_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Training") as report:
        report(1, 3, "Reading")
    shown = capsys.readouterr().err.splitlines()[-1]
    assert "3/3" in shown
    assert "Reading" not in shown


def test_what_has_failed_stays_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with progress_bar("Training") as report:
            report(1, 3, "Reading")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert "1/3" in capsys.readouterr().err.splitlines()[-1]

"""Several problems in one line."""

from __future__ import annotations

import pytest

from siprems_backend.utils.problems import one_line


@pytest.mark.parametrize(
    ("problems", "line"),
    [
        ([], ""),
        ([("days", ["Too many."])], "days: Too many."),
        ([("days", ["Too many.", "Not whole."])], "days: Too many. Not whole."),
        (
            [("days", ["Too many."]), ("engine", ["No such engine."])],
            "days: Too many; engine: No such engine.",
        ),
    ],
)
def test_problems_are_joined_as_a_sentence(problems: list[tuple[str, list[str]]], line: str) -> None:
    assert one_line(problems) == line


def test_five_are_shown_at_most() -> None:
    assert one_line((str(number), ["No."]) for number in range(7)) == "0: No; 1: No; 2: No; 3: No; 4: No."

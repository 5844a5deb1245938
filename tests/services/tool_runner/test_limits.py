"""Limits are kept whatever a tool does, and what it leaves behind is gone."""

from __future__ import annotations

import pytest

from siprems_backend.config import get_settings
from siprems_backend.services.tool_runner.failures import ToolFailed
from tests.services.tool_runner.conftest import Run

TWO_SECONDS_OF_CPU = {"TOOL_CPU_SECONDS": 2, "TOOL_TIME_LIMIT": 60}
CASES = [
    ("burn", TWO_SECONDS_OF_CPU, "used more than 2 s of CPU"),
    ("burn_in_children", TWO_SECONDS_OF_CPU, "used more than 2 s of CPU"),
    ("allocate", {"TOOL_MEMORY_BYTES": 600_000_000}, "used more than 600.0 MB of memory"),
    ("allocate_in_children", {"TOOL_MEMORY_BYTES": 600_000_000}, "used more than 600.0 MB of memory"),
    ("sleep", {"TOOL_TIME_LIMIT": 2}, "took longer than 2 s"),
    ("write_one_file", {"TOOL_OUTPUT_BYTES": 20_000_000}, "wrote more than 20.0 MB"),
    ("write_many_files", {"TOOL_OUTPUT_BYTES": 20_000_000}, "wrote more than 20.0 MB"),
    ("fork_many", {"TOOL_PROCESSES": 20}, "started more than 20 processes or threads"),
    ("start_many_threads", {"TOOL_PROCESSES": 20}, "started more than 20 processes or threads"),
]


@pytest.mark.parametrize(("how", "settings", "said"), CASES, ids=[case[0] for case in CASES])
def test_a_limit_ends_the_run_and_is_named(misbehave: Run, setting, how, settings, said) -> None:
    for name, value in settings.items():
        setting(name, value)
    with pytest.raises(ToolFailed, match=said) as caught:
        misbehave(how)
    assert caught.value.code == "tool_limit"
    assert not list(get_settings().data_dir.glob("task_files/*/*"))

"""Memory that was freed leaves the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor
from siprems_backend.services import passwords
from siprems_backend.utils.malloc import give_back_large_blocks
from siprems_backend.utils.memory import resident_mb
import os

give_back_large_blocks()
with ThreadPoolExecutor(4) as threads:
    list(threads.map(passwords.hashed, ["a long password"] * 4))
    before = resident_mb(os.getpid())
    list(threads.map(passwords.hashed, ["a long password"] * 12))
    print(resident_mb(os.getpid()) - before)
"""


def test_hashing_passwords_leaves_no_memory_behind() -> None:
    """One digest takes 19 MB while it is computed."""
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=True
    )
    assert abs(float(told.stdout)) < 10

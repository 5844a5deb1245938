"""Processes below a process, and their end."""

from __future__ import annotations

import subprocess
import sys
import time

from siprems_backend.utils import process_tree

FAMILY = """
import os, sys, time
for _ in range(3):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
        time.sleep(3600)
print("ready", flush=True)
time.sleep(3600)
"""
PATIENCE_SECONDS = 30


def family() -> subprocess.Popen[str]:
    """A process with three children and as many grandchildren."""
    process = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(process_tree.below(process.pid)) < 6:
        assert time.monotonic() < deadline
    return process


def test_all_generations_are_seen_parents_first() -> None:
    process = family()
    try:
        found = process_tree.below(process.pid)
        known = {process.pid}
        for member in found:
            assert member.parent in known
            known.add(member.pid)
            assert member.threads == 1
            assert member.resident_bytes > 0
            assert member.cpu_seconds >= 0
        assert len(found) == 6
    finally:
        process_tree.kill_below(process.pid)
        process.kill()
        process.communicate()


SHARING = """
import os, sys, time
held = bytearray(os.urandom(1024) * 50 * 1024)
for _ in range(5):
    if os.fork() == 0:
        time.sleep(3600)
print("ready", flush=True)
time.sleep(3600)
"""


def test_what_forks_share_counts_once() -> None:
    process = subprocess.Popen([sys.executable, "-c", SHARING], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        found = process_tree.below(process.pid)
        resident = sum(member.resident_bytes for member in found)
        assert len(found) == 5
        assert resident > 5 * 50e6
        # The parent, which is not among them, has its share too.
        assert 5 / 6 * 50e6 < process_tree.memory_bytes(found) < 100e6
    finally:
        process_tree.kill_below(process.pid)
        process.kill()
        process.communicate()


def test_none_is_left() -> None:
    process = family()
    members = process_tree.below(process.pid)
    process_tree.kill_below(process.pid)
    living = [each for each in process_tree.below(process.pid) if each.state != process_tree.ZOMBIE]
    assert living == []
    assert len(members) == 6
    process.kill()
    process.communicate()


def test_a_process_that_does_not_exist_has_nobody_below() -> None:
    assert process_tree.below(2**22 + 1) == []
    process_tree.kill_below(2**22 + 1)

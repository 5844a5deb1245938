"""``./siprems down``: stop what ``up`` started."""

import argparse
import os
import signal
import time

from siprems_local.home import find_home
from siprems_local.instance import load_instance
from siprems_local.leftovers import end_leftovers
from siprems_local.output import say
from siprems_local.record import InstanceLock, read_record, remove_record


def run(_arguments: argparse.Namespace) -> int:
    """Ask the launcher to stop and wait until it has; clean up after one that was killed."""
    home = find_home()
    record = read_record(home)
    if record is not None and record.kind == "up":
        say(f"Stopping {record.address}: the worker finishes its tasks first (`down` once more forces)")
        os.kill(record.pid, signal.SIGTERM)
        while record.identity.is_alive():
            time.sleep(0.1)
        say("Stopped.")
        return 0
    if not home.instance_file.exists() or not InstanceLock(home).is_free():
        say(f"Not running (state in {home.path}).")
        return 0
    ended = end_leftovers(home, load_instance(home.instance_file))
    remove_record(home)
    say(f"Ended {ended} processes that a killed launcher had left." if ended else "Not running.")
    return 0

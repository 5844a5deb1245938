"""``./siprems up``: start everything."""

import argparse
import os
import signal
import subprocess
import sys
import time

from siprems_local.errors import LocalError
from siprems_local.home import Home, find_home
from siprems_local.instance import load_instance
from siprems_local.launcher import Launcher
from siprems_local.leftovers import end_leftovers
from siprems_local.log_files import tail
from siprems_local.options import UpOptions, default_workers, web_port
from siprems_local.output import say, warn
from siprems_local.record import InstanceLock, Record, read_record


def run(arguments: argparse.Namespace) -> int:
    """Start the instance, in this process or in the background."""
    home = find_home()
    home.make()
    lock = InstanceLock(home)
    if not _take(lock, home):
        return 0
    instance = load_instance(home.instance_file)
    # Before ports are chosen: what a killed launcher left may still hold the usual ones.
    end_leftovers(home, instance)
    options = UpOptions(
        port=web_port(arguments.port, os.environ),
        workers=arguments.workers or default_workers(),
        demo=arguments.demo,
        detached=arguments.background,
    )
    if arguments.detach:
        lock.release()
        return _start_in_background(home, options)
    try:
        return Launcher(home, instance, options, os.environ).run()
    finally:
        lock.release()


def _take(lock: InstanceLock, home: Home) -> bool:
    """Take the instance's lock; says so and returns False where the instance is up already."""
    told = False
    while not lock.acquire():
        record = read_record(home)
        if record is not None and record.kind == "up":
            _tell_running(record)
            return False
        if not told:
            say("Waiting for another siprems command to end")
            told = True
        time.sleep(0.2)
    return True


def _tell_running(record: Record) -> None:
    if record.phase == "running":
        say(f"Already running.\n{record.summary}")
    else:
        say(f"Another `siprems up` (process {record.pid}) is {record.phase} at {record.address}.")


def _start_in_background(home: Home, options: UpOptions) -> int:
    command = [sys.executable, "-P", "-m", "siprems_local", "up", "--background", "--port", str(options.port)]
    command += ["--workers", str(options.workers), *([] if options.demo else ["--no-demo"])]
    log = home.log("launcher")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        return _wait_for(process, home)
    except KeyboardInterrupt:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise LocalError("interrupted; stopped what had been started.") from None


def _wait_for(process: "subprocess.Popen[bytes]", home: Home) -> int:
    while process.poll() is None:
        record = read_record(home)
        if record is not None and record.pid == process.pid and record.phase == "running":
            say(f"{record.summary}\n`./siprems down` stops it.")
            return 0
        time.sleep(0.1)
    warn(tail(home.log("launcher"), 40))
    return process.returncode or 1

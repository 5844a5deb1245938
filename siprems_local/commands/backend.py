"""Every other command: run by the backend's own command line, beside the instance's servers."""

import os
import signal
import subprocess
import time
from types import FrameType

from siprems_local.backend_command import backend_command
from siprems_local.home import Home, find_home
from siprems_local.instance import Instance, load_instance
from siprems_local.output import warn
from siprems_local.processes import identify
from siprems_local.record import InstanceLock, Record, read_record, remove_record
from siprems_local.server_pair import ServerPair, instance_environment

# These say something useful without servers.
RUN_ANYWAY = frozenset({"doctor", "evaluate", "simulate"})

# Commands say themselves what they did; servers' lines for machines would stand between.
QUIET = {"LOG_LEVEL": "WARNING", "LOG_FORMAT": "console"}


def run(arguments: list[str]) -> int:
    """Run a command of the backend in the present folder; returns its exit status."""
    home = find_home()
    home.make()
    instance = load_instance(home.instance_file)
    servers = ServerPair(home, instance, os.environ)
    lock = InstanceLock(home)
    runs_alone = not servers.is_needed() or arguments[0] in RUN_ANYWAY or "--help" in arguments
    if runs_alone or not _take(lock, home):
        # The file is read again: the running instance may have chosen its ports meanwhile.
        _become(arguments, home, load_instance(home.instance_file))
    try:
        return _with_servers(arguments, home, servers)
    finally:
        lock.release()


def _take(lock: InstanceLock, home: Home) -> bool:
    """Take the lock to start servers, or return False once a running instance has them."""
    while not lock.acquire():
        record = read_record(home)
        if record is not None and record.kind == "up" and record.phase == "running":
            return False
        time.sleep(0.2)
    return True


def _become(arguments: list[str], home: Home, instance: Instance) -> None:
    command = backend_command(arguments)
    environment = {**QUIET, **instance_environment(home, instance, os.environ)}
    os.execve(command[0], command, environment)  # noqa: S606 - nothing for a shell to do.  # nosec B606


def _with_servers(arguments: list[str], home: Home, servers: ServerPair) -> int:
    """Run the command between the start and the stop of servers of our own."""
    me = identify(os.getpid())
    Record(os.getpid(), me.start if me else "", "command").write(home)
    try:
        servers.start()
        environment = {**QUIET, **servers.backend_environment()}
        if arguments[0] != "migrate":
            status = _run_command(["migrate"], environment, quiet=True)
            if status != 0:
                return status
        return _run_command(arguments, environment)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        servers.stop()
        remove_record(home)


def _run_command(arguments: list[str], environment: dict[str, str], *, quiet: bool = False) -> int:
    """Run a command to its end; it is the command that Ctrl-C and SIGTERM are for."""
    output = subprocess.PIPE if quiet else None
    process = subprocess.Popen(
        backend_command(arguments),
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT if quiet else None,
    )

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # A terminal sends Ctrl-C to both of us.
        if number != signal.SIGINT:
            process.send_signal(number)

    earlier = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        text, _ = process.communicate()
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
    if quiet and process.returncode != 0:
        warn(f"siprems {' '.join(arguments)} failed:\n{text.decode('utf-8', 'replace').strip()}")
    return process.returncode if process.returncode >= 0 else 128 - process.returncode

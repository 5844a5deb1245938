"""The life of an instance: start in order, keep alive, stop in order."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from types import FrameType

from siprems_local import child, supervisor
from siprems_local.backend_command import backend_command
from siprems_local.environment import MARKER
from siprems_local.errors import LocalError
from siprems_local.health import readiness, worker_answers
from siprems_local.home import CHECKOUT, Home
from siprems_local.instance import Instance
from siprems_local.leftovers import leftover_processes
from siprems_local.log_files import tail
from siprems_local.options import UpOptions
from siprems_local.output import say, warn
from siprems_local.processes import (
    children_of,
    end_processes,
    identify,
    instance_processes,
    kill_processes,
)
from siprems_local.record import Record, remove_record
from siprems_local.server_pair import ServerPair

READY_SECONDS = 180.0
TICK_SECONDS = 0.5
# How often a program that supervisord gave up on is started again, and logs are looked at.
SLOW_TICK_SECONDS = 30.0
ORPHAN_PATIENCE_SECONDS = 5.0
PR_SET_CHILD_SUBREAPER = 36


# The status shells give to a program that Ctrl-C ended before it had done its work.
INTERRUPTED = 130


class StopRequested(Exception):
    """Ctrl-C or SIGTERM arrived while starting."""


class Launcher:
    """Runs one instance in this process until it is asked to stop."""

    def __init__(
        self, home: Home, instance: Instance, options: UpOptions, environ: Mapping[str, str]
    ) -> None:
        self.home = home
        self.instance = instance
        self.options = options
        self.servers = ServerPair(home, instance, environ)
        self.supervisor = supervisor.Supervisor(home)
        self.environment: dict[str, str] = {}
        me = identify(os.getpid())
        self.record = Record(os.getpid(), me.start if me else "", "up", address=options.address)
        self._stop_requests = 0
        self._wake = threading.Event()
        self._orphans: dict[int, float] = {}
        self._slow_tick_at = 0.0

    def run(self) -> int:
        """Start, stay, stop; returns the exit status. The instance's lock is held by the caller."""
        self._listen()
        self._publish("starting")
        status = 0
        try:
            self._start()
            self._stay()
        except StopRequested:
            status = INTERRUPTED
        except LocalError as error:
            warn(f"siprems: {error}")
            status = 1
        finally:
            self._stop()
        return status

    def _listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup the end of the terminal is not for us.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        if sys.platform == "linux":
            # Children of a killed process become ours, so that we see and end them.
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1
        self._wake.set()

    def _publish(self, phase: str) -> None:
        self.record.phase = phase
        self.record.servers = self.servers.processes()
        self.record.write(self.home)

    def _start(self) -> None:
        self._step(
            "Starting PostgreSQL and Valkey"
            if self.servers.is_needed()
            else "Using the servers of the environment"
        )
        self.servers.start()
        self._publish("starting")
        self.environment = self.servers.backend_environment() | {
            MARKER: self.instance.id,
            "PORT": str(self.options.port),
            "CONCURRENCY": str(self.options.workers),
        }
        self._step("Bringing the database up to date")
        self._command("migrate")
        if self.options.demo and not self.instance.demo_settled:
            self._step("Loading the demo shop (if the database is empty)")
            # A shop with accounts of its own has no demo login; the command says which it was.
            if "Loaded" in self._command("demo", "load", "--if-empty"):
                self.instance.demo_loaded = True
            self.instance.demo_settled = True
            self.instance.save(self.home.instance_file)
        self._step("Starting web, worker and beat")
        self.supervisor.start(self.environment)
        self._wait_until_ready()
        self.record.summary = self._summary()
        self._publish("running")
        say(self.record.summary)
        if not self.options.detached:
            say("Ctrl-C stops it.")

    def _step(self, message: str) -> None:
        if self._stop_requests:
            raise StopRequested
        say(message)

    def _command(self, *arguments: str) -> str:
        """Run a command of the backend to its end, or until we are asked to stop; returns its last lines."""
        bound = [
            sys.executable,
            "-I",
            "-S",
            str(child.__file__),
            str(os.getpid()),
            str(int(signal.SIGTERM)),
            "-",
        ]
        log = self.home.log("start")
        with log.open("wb") as output:
            process = subprocess.Popen(
                bound + backend_command(list(arguments)),
                cwd=CHECKOUT,
                env=self.environment,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        while process.poll() is None:
            if self._stop_requests:
                end_processes([process.pid], patience=10.0)
                process.wait()
                raise StopRequested
            self._wake.wait(0.05)
        if process.returncode != 0:
            raise LocalError(f"`siprems {' '.join(arguments)}` failed:\n{tail(log, 30)}")
        return tail(log)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self._stop_requests:
                raise StopRequested
            all_run = self._all_programs_run()
            ready, says = readiness(self.options.address)
            if ready and all_run and worker_answers(self.environment):
                return
            if time.monotonic() > deadline:
                reason = "no worker answers" if ready else says
                raise LocalError(f"Not ready after {READY_SECONDS:.0f} s: {reason}. See {self.home.logs}.")
            self._wake.wait(0.2)

    def _all_programs_run(self) -> bool:
        """Whether supervisord counts all programs as started; raises if one does not start."""
        if not self.supervisor.is_running():
            log = self.home.log("supervisord")
            raise LocalError(f"supervisord ended while starting; {log} ends with:\n{tail(log)}")
        programs = supervisor.programs(self.home)
        for program in programs:
            if program.state == supervisor.FATAL:
                log = self.home.log(program.name)
                raise LocalError(f"{program.name} does not start; {log} ends with:\n{tail(log, 25)}")
        return bool(programs) and all(program.state == supervisor.RUNNING for program in programs)

    def _summary(self) -> str:
        lines = [
            "",
            f"SIPREMS is running at {self.options.address}",
            f"  API and its documentation: {self.options.address}/docs",
        ]
        if self.instance.demo_loaded:
            lines.append(f"  Demo login: {self.instance.demo_email} / {self.instance.demo_password}")
        lines.append(f"  State and logs: {self.home.path}")
        return "\n".join(lines)

    def _stay(self) -> None:
        while not self._stop_requests:
            self._wake.wait(TICK_SECONDS)
            if self._stop_requests:
                return
            if self.servers.keep_alive():
                self._publish("running")
            if not self.supervisor.is_running():
                self._restart_supervisor()
            self._end_orphans()
            if time.monotonic() >= self._slow_tick_at:
                self._slow_tick_at = time.monotonic() + SLOW_TICK_SECONDS
                self._slow_tick()

    def _restart_supervisor(self) -> None:
        warn("supervisord had ended and is started again.")
        # Its programs were told to end when it did; their successors need their ports.
        end_processes(self._programs_left(), patience=30.0)
        self.supervisor.start(self.environment)

    def _programs_left(self) -> list[int]:
        servers = {server.pid for server in self.servers.running}
        return [pid for pid in instance_processes(self.instance.id) if pid not in servers]

    def _end_orphans(self) -> None:
        """End processes whose parent was killed, such as the pool of a worker; collect ended ones."""
        known = {server.pid for server in self.servers.running}
        known.add(self.supervisor.process.pid if self.supervisor.process else None)
        strangers = [pid for pid in children_of(os.getpid()) if pid not in known]
        now = time.monotonic()
        # Database processes end by themselves soon after their parent; everybody gets the time to.
        self._orphans = {pid: self._orphans.get(pid, now) for pid in strangers}
        for pid, since in self._orphans.items():
            if identify(pid) is None:
                os.waitpid(pid, os.WNOHANG)
            elif now - since > ORPHAN_PATIENCE_SECONDS:
                kill_processes([pid])

    def _slow_tick(self) -> None:
        self.servers.rotate_logs()
        for program in supervisor.programs(self.home):
            if program.state == supervisor.FATAL:
                supervisor.start_program(self.home, program.name)

    def _stop(self) -> None:
        self._publish("stopping")
        if self.supervisor.is_running():
            say("Stopping: Beat, the worker when its tasks are done, the web server (once more forces)")
            already = self._stop_requests
            self.supervisor.ask_to_stop()
            while self.supervisor.is_running() and self._stop_requests <= max(already, 1):
                # supervisord looks after its processes once a second, or when it is asked something.
                supervisor.programs(self.home)
                self._wake.clear()
                self._wake.wait(0.1)
        kill_processes(self._programs_left())
        self.servers.stop()
        kill_processes(leftover_processes(self.home, self.instance))
        remove_record(self.home)
        say("Stopped.")

"""The life of an instance, with real servers, supervisord and gunicorn, and a stand-in backend."""

import os
import signal
import socket

from siprems_local.instance import load_instance
from siprems_local.ports import choose
from siprems_local.record import InstanceLock, read_record
from siprems_local.supervisor import programs
from tests.local.conftest import StandIn, eventually


def test_up_status_commands_and_down(stand_in: StandIn) -> None:
    port = choose()
    started = stand_in.run("up", "--detach", "--port", str(port), "--workers", "1")
    assert started.returncode == 0, started.stderr
    instance = load_instance(stand_in.home.instance_file)
    assert f"http://127.0.0.1:{port}" in started.stdout
    assert f"{instance.demo_email} / {instance.demo_password}" in started.stdout

    status = stand_in.run("status")
    assert status.returncode == 0
    for name in ("launcher", "postgresql", "valkey", "web", "worker", "beat"):
        assert name in status.stdout
    again = stand_in.run("up")
    assert again.returncode == 0
    assert "Already running" in again.stdout
    assert f"http://127.0.0.1:{port}" in again.stdout
    assert stand_in.run("products").stdout == "1 products\n"
    assert stand_in.run("products", "--status", "7").returncode == 7

    stopped = stand_in.run("down")
    assert stopped.returncode == 0
    assert stand_in.processes() == []
    assert stand_in.run("status").returncode == 3
    assert "Not running" in stand_in.run("down").stdout
    # Without a running instance a command starts servers for itself and leaves none.
    assert stand_in.run("products", "--status", "7").returncode == 7
    assert stand_in.processes() == []


def test_processes_that_die_come_back(stand_in: StandIn) -> None:
    assert stand_in.run("up", "--detach", "--port", str(choose()), "--no-demo").returncode == 0
    record = read_record(stand_in.home)
    assert record is not None
    for pid, _ in record.servers.values():
        os.kill(int(pid), signal.SIGKILL)
    before = {program.name: program.pid for program in programs(stand_in.home)}
    os.kill(before["worker"], signal.SIGKILL)

    def all_new() -> bool:
        now = read_record(stand_in.home)
        worker = next((each for each in programs(stand_in.home) if each.name == "worker"), None)
        return (
            now is not None
            and not {pid for pid, _ in now.servers.values()} & {pid for pid, _ in record.servers.values()}
            and len(now.servers) == 2
            and worker is not None
            and worker.state == "RUNNING"
            and worker.pid != before["worker"]
        )

    assert eventually(all_new)
    assert stand_in.run("products").stdout == "0 products\n"
    assert stand_in.run("down").returncode == 0
    assert stand_in.processes() == []


def test_ctrl_c_stops_in_order(stand_in: StandIn) -> None:
    launcher = stand_in.start("up", "--port", str(choose()))
    assert launcher.stdout is not None
    lines = []
    for line in launcher.stdout:
        lines.append(line)
        if "Ctrl-C stops it" in line:
            launcher.send_signal(signal.SIGINT)
    assert launcher.wait() == 0
    assert lines[-1] == "Stopped.\n"
    assert stand_in.processes() == []
    log = stand_in.home.log("supervisord").read_text()
    ends = [log.index(f"stopped: {name}") for name in ("beat", "worker", "web")]
    assert ends == sorted(ends)


def test_a_killed_launcher_leaves_nothing(stand_in: StandIn) -> None:
    assert stand_in.run("up", "--detach", "--port", str(choose())).returncode == 0
    record = read_record(stand_in.home)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert stand_in.nothing_is_left()
    assert stand_in.run("status").returncode == 3
    assert eventually(InstanceLock(stand_in.home).is_free)


def test_a_program_that_does_not_start_is_shown_with_its_log(stand_in: StandIn) -> None:
    worker = stand_in.checkout / "start_worker.sh"
    worker.write_text("#!/bin/sh\necho the worker cannot start >&2\nexit 1\n")
    failed = stand_in.run("up", "--port", str(choose()))
    assert failed.returncode == 1
    assert "does not start" in failed.stderr
    assert "the worker cannot start" in failed.stderr
    assert stand_in.processes() == []


def test_a_failing_migration_stops_the_start(stand_in: StandIn) -> None:
    wsgi = stand_in.checkout / "siprems_backend" / "wsgi.py"
    wsgi.write_text(wsgi.read_text().replace("CREATE TABLE IF NOT EXISTS", "CREATE A"))
    failed = stand_in.run("up", "--port", str(choose()))
    assert failed.returncode == 1
    assert "syntax error" in failed.stderr
    assert stand_in.processes() == []


def test_a_port_in_use_is_refused(stand_in: StandIn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        failed = stand_in.run("up", "--port", str(port))
    assert failed.returncode == 1
    assert f"Port {port} is in use" in failed.stderr

"""``./siprems status``: what runs, since when, where."""

import argparse
import time

from siprems_local import supervisor
from siprems_local.home import Home, find_home
from siprems_local.output import say, table
from siprems_local.record import Record, read_record

# What service managers answer for "not running".
NOT_RUNNING = 3


def run(_arguments: argparse.Namespace) -> int:
    """Print a table of the instance's processes; the exit status is 0 only if all of them run."""
    home = find_home()
    record = read_record(home)
    if record is None or record.kind != "up":
        say(f"SIPREMS is not running (state in {home.path}). `./siprems up` starts it.")
        return NOT_RUNNING
    programs = supervisor.programs(home)
    say(f"SIPREMS is {record.phase} at {record.address} (state in {home.path})")
    say(table(_rows(home, record, programs)))
    healthy = record.phase == "running" and bool(programs)
    return 0 if healthy and all(each.state == supervisor.RUNNING for each in programs) else 1


def _rows(_home: Home, record: Record, programs: list[supervisor.Program]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("process", "pid", "state", "uptime")]
    rows.append(("launcher", str(record.pid), record.phase, uptime(record.since)))
    for name, (pid, since) in record.servers.items():
        rows.append((name.lower(), str(int(pid)), "running", uptime(since)))
    for each in programs:
        running = each.pid != 0
        rows.append(
            (
                each.name,
                str(each.pid) if running else "-",
                each.state.lower(),
                uptime(each.started_at) if running else "-",
            )
        )
    return rows


def uptime(since: float) -> str:
    """The time since a moment as ``[days d ]h:mm:ss``."""
    seconds = max(0, int(time.time() - since))
    days, rest = divmod(seconds, 86_400)
    text = f"{rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} d {text}" if days else text

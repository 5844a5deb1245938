"""A tool that does on demand what no tool should."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.utils.roles import Role

FOREVER = 3600
MANY = 60


def burn(_context: ToolContext) -> dict[str, Any]:
    while True:
        pass


def burn_in_children(_context: ToolContext) -> dict[str, Any]:
    """Each of them uses little; the kernel's own limit counts them one by one."""
    while True:
        if os.fork() == 0:
            began = time.process_time()
            while time.process_time() - began < 0.2:
                pass
            os._exit(0)
        os.wait()


def allocate(_context: ToolContext) -> dict[str, Any]:
    held = []
    while True:
        held.append(bytearray(16 * 1024**2))


def allocate_in_children(_context: ToolContext) -> dict[str, Any]:
    for _ in range(8):
        if os.fork() == 0:
            held = bytearray(os.urandom(1024) * 100 * 1024)
            time.sleep(FOREVER)
            return {"held": len(held)}
    time.sleep(FOREVER)
    return {}


def sleep(context: ToolContext) -> dict[str, Any]:
    context.output("report.html").write_text("half a report")
    context.report(1, 2, "Asleep")
    time.sleep(FOREVER)
    return {}


def write_one_file(context: ToolContext) -> dict[str, Any]:
    with context.output("report.html").open("wb") as file:
        while True:
            file.write(bytes(1024**2))


def write_many_files(context: ToolContext) -> dict[str, Any]:
    for number in range(FOREVER):
        (context.output("report.html").parent / f"{number}").write_bytes(bytes(1024**2))
    return {}


def fork_many(_context: ToolContext) -> dict[str, Any]:
    for _ in range(MANY):
        if os.fork() == 0:
            time.sleep(FOREVER)
    time.sleep(FOREVER)
    return {}


def start_many_threads(_context: ToolContext) -> dict[str, Any]:
    for _ in range(MANY):
        threading.Thread(target=time.sleep, args=(FOREVER,), daemon=True).start()
    time.sleep(FOREVER)
    return {}


def leave_a_daemon(context: ToolContext) -> dict[str, Any]:
    """Two forks and a session of its own: no parent, no group, no terminal that leads to it."""
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(tell, str(os.getpid()).encode())
            time.sleep(FOREVER)
        os._exit(0)
    os.wait()
    daemon = int(os.read(told, 100))
    context.report(1, 2, f"daemon {daemon}")
    context.output("report.html").write_text("done")
    return {"daemon": daemon}


def daemon_and_sleep(context: ToolContext) -> dict[str, Any]:
    leave_a_daemon(context)
    time.sleep(FOREVER)
    return {}


def crash(_context: ToolContext) -> dict[str, Any]:
    print("about to divide")
    return {"share": 1 / 0}


def segfault(_context: ToolContext) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def quit_silently(_context: ToolContext) -> dict[str, Any]:
    os._exit(0)


def chatter(context: ToolContext) -> dict[str, Any]:
    for number in range(20_000):
        print(f"line {number}", file=sys.stderr)
    sys.stdout.write("no line end, no JSON\n" + "x" * 100_000)
    context.output("report.html").write_text("done")
    return {}


def fill_the_disk(_context: ToolContext) -> dict[str, Any]:
    raise OSError(errno.ENOSPC, "No space left on device", "/secret/path")


def refuse(_context: ToolContext) -> dict[str, Any]:
    raise NotFound("There is nothing to report on.", code="nothing_there")


def look_around(context: ToolContext) -> dict[str, Any]:
    """All that a nosy tool may find about its surroundings."""
    context.output("report.html").write_text("<p>ok</p>")
    return {
        "environment": dict(os.environ),
        "at_start": Path("/proc/self/environ").read_text(),
        "command": Path("/proc/self/cmdline").read_text(),
        "folder": os.getcwd(),
        "mask": os.umask(0),
        "niceness": os.nice(0),
        "session_is_own": os.getsid(0) != os.getsid(int(os.environ.get("LOOKED_AT_FROM", "1"))),
    }


def write_to_the_database(_context: ToolContext) -> dict[str, Any]:
    with database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM products")
    return {}


def promise_a_file(context: ToolContext) -> dict[str, Any]:
    context.output("report.html")
    return {}


def link_to_a_secret(context: ToolContext) -> dict[str, Any]:
    context.output("report.html").symlink_to("/etc/passwd")
    return {}


HOW = {
    each.__name__: each
    for each in (
        burn,
        burn_in_children,
        allocate,
        allocate_in_children,
        sleep,
        write_one_file,
        write_many_files,
        fork_many,
        start_many_threads,
        leave_a_daemon,
        daemon_and_sleep,
        crash,
        segfault,
        quit_silently,
        chatter,
        fill_the_disk,
        refuse,
        look_around,
        write_to_the_database,
        promise_a_file,
        link_to_a_secret,
    )
}


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    return HOW[parameters["how"]](context)


TOOL = Tool(
    name="misbehave",
    title="Misbehave",
    description="Does what no tool should.",
    role=Role.ANALYST,
    properties={
        "how": {"type": "string", "enum": list(HOW), "description": "What to do"},
        "note": {"type": "string", "maxLength": 50, "description": "Anything"},
        "times": {"type": "integer", "minimum": 1, "maximum": 5, "default": 2, "description": "How often"},
    },
    required=("how",),
    outputs=(OutputKind("report.html", "text/html; charset=utf-8", "A report"),),
    run=run,
)

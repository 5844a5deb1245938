"""The processes of an instance on this machine: their CPU time, memory and loaded modules."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

HEAVY = ("pandas", "prophet", "cmdstanpy", "matplotlib", "numba", "llvmlite", "scipy")

# Answers one prediction as a web process does, then tells what is loaded.
TWIN = """
import json, sys
from siprems_backend.wsgi import app
token, sku, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
answer = app.test_client().post(
    "/predict", json={"product_sku": sku}, headers={"Authorization": f"Bearer {token}"}
)
assert answer.status_code == 200, answer.data
print(json.dumps([name for name in names if name in sys.modules]))
"""


@dataclass(frozen=True)
class Instance:
    """The processes of the instance that listens on a port."""

    port: str
    programs: dict[str, list[psutil.Process]]

    @classmethod
    def at(cls, port: int) -> Instance:
        """Find them: all programs of an instance are given its port, and web names the database."""
        programs: dict[str, list[psutil.Process]] = {"web": [], "worker": [], "beat": [], "database": []}
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or ())
            if "siprems_backend" not in line or _environment(process).get("PORT") != str(port):
                continue
            name = "web" if "gunicorn" in line else "beat" if " beat" in line else "worker"
            programs[name].append(process)
        if not programs["web"]:
            raise RuntimeError(f"no web process of port {port} on this machine can be looked into")
        programs["database"] = database_of(_environment(programs["web"][0]))
        return cls(str(port), programs)

    @property
    def models_folder(self) -> Path:
        """Where the models are."""
        return Path(_environment(self.programs["web"][0])["MODELS_DIR"])

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far of the web processes and the database's."""
        # The parent of the web processes is among them.
        web = sum(_spent(process) for process in self.programs["web"])
        return {"web": web, "database": spent(self.programs["database"])}

    def print_memory(self) -> None:
        """Resident and proportional memory of every process."""
        print(f"\n{'process':20}{'RSS MB':>8}{'PSS MB':>8}")
        for name in ("web", "worker", "beat"):
            for process in self.programs[name]:
                try:
                    memory = process.memory_full_info()
                except psutil.NoSuchProcess:
                    # A worker replaces its processes after a number of tasks.
                    continue
                parent = " (parent)" if process.children() else ""
                print(f"{name + parent:20}{memory.rss / 2**20:>8.0f}{memory.pss / 2**20:>8.0f}")

    def print_modules(self, token: str, sku: str) -> None:
        """Heavy modules in `sys.modules` of a process that starts and serves as the web processes do."""
        web = self.programs["web"][0]
        told = subprocess.run(
            [sys.executable, "-c", TWIN, token, sku, json.dumps(HEAVY)],
            env=_environment(web),
            cwd=Path(__file__).resolve().parents[1],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        loaded = ", ".join(json.loads(told.stdout)) or "none"
        print(f"\nof {', '.join(HEAVY)} a web process has loaded: {loaded}")


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def database_of(environment: dict[str, str]) -> list[psutil.Process]:
    """The PostgreSQL server that the environment names, if it runs here and may be looked into."""
    port = urlsplit(environment.get("DATABASE_URL", "")).port or int(environment.get("DB_PORT", "5432"))
    try:
        listening = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return []
    pids = {each.pid for each in listening if each.status == "LISTEN" and each.laddr.port == port}
    return [psutil.Process(pid) for pid in pids if pid]


def spent(parents: list[psutil.Process]) -> float:
    """CPU seconds so far of these processes and their children; a connection is a child of the database."""
    return sum(_spent(process) for parent in parents for process in _family(parent))


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    # A process that has ended counts on among the children of its parent.
    return float(times.user + times.system + times.children_user + times.children_system)

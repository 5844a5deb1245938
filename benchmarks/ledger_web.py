"""One web process over a ledger of its own, for measuring what it answers."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from siprems_local.ports import choose
from tests.servers import running_postgres, running_valkey

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class LedgerWeb:
    """Where it listens, the credentials of an operator, and the process that serves."""

    port: int
    headers: dict[str, str]
    process: psutil.Process

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        return float(self.process.memory_info().rss) / 2**20

    def length(self, path: str) -> int:
        """Bytes of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers=self.headers)
        body = connection.getresponse().read()
        connection.close()
        return len(body)


@contextmanager
def ledger_web(**environment: str) -> Iterator[LedgerWeb]:
    """gunicorn with one process, PostgreSQL and Valkey; this process is bound to the same ledger."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        state.chmod(0o755)
        with running_postgres(state) as database, running_valkey(state) as broker:
            port = choose()
            os.environ.update(
                SIPREMS_ENV="test",
                DATABASE_URL=database.url("siprems"),
                REDIS_URL=broker.url(0).rsplit("/", 1)[0],
                JWT_SECRET_KEY="only for a benchmark, long enough 1234",
                MODELS_DIR=str(state / "models"),
                DATA_DIR=str(state / "data"),
                LOG_LEVEL="WARNING",
                PORT=str(port),
                WEB_WORKERS="1",
                EXECUTION_MODE="celery",
                **environment,
            )
            headers = _operator()
            command = [sys.executable, "-m", "gunicorn", "--config", "python:siprems_backend.gunicorn_conf"]
            process = subprocess.Popen([*command, "siprems_backend.wsgi:app"], cwd=ROOT)
            try:
                yield LedgerWeb(port, headers, _serving(process.pid, port))
            finally:
                process.terminate()
                process.wait()


def paced(web: LedgerWeb, paths: list[str], per_second: float, seconds: float) -> list[float]:
    """Milliseconds of requests sent at a steady pace on one connection, sorted."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    taken, began = [], time.perf_counter()
    for number in range(int(per_second * seconds)):
        time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        sent = time.perf_counter()
        connection.request("GET", paths[number % len(paths)], headers=web.headers)
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - sent) * 1000)
        assert answer.status in {200, 202}, body
    connection.close()
    return sorted(taken)


def percentile(values: list[float], share: float) -> float:
    """Of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))]


def _operator() -> dict[str, str]:
    """Migrate, and sign an operator in."""
    from flask_jwt_extended import create_access_token

    from siprems_backend.app import create_app
    from siprems_backend.extensions.database import database
    from siprems_backend.services import migrations, sessions
    from siprems_backend.utils.roles import Role
    from tests import factories

    app = create_app()
    migrations.upgrade()
    user = factories.make_user(database, Role.OPERATOR)
    with database.transaction() as session:
        grant = sessions.start(session, user.id)
    with app.app_context():
        token = create_access_token(str(user.id), additional_claims=grant.access_claims)
    return {"Authorization": f"Bearer {token}"}


def _serving(pid: int, port: int) -> psutil.Process:
    """The process that serves, once it does."""
    while True:
        with socket.socket() as probe:
            answers = probe.connect_ex(("127.0.0.1", port)) == 0
        children = psutil.Process(pid).children()
        if answers and children:
            return children[0]
        time.sleep(0.1)

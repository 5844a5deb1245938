"""Plain Celery as the driver sees it: what it acknowledged, and the rows its tasks wrote."""

from __future__ import annotations

import os
import time
from typing import Any
from uuid import uuid4

import psycopg2

from benchmarks.chaos.cluster import Cluster, python
from benchmarks.chaos.system import Outcome

# As long as our own tasks take on the average.
TASK_SECONDS = 0.15
PATIENCE_SECONDS = 60


class BareCelery:
    """Two workers; no ledger, no Beat."""

    def __init__(self, *, acks_late: bool, worker_count: int = 2, concurrency: int = 2) -> None:
        self.name = "Celery, acks_late" if acks_late else "Celery, defaults"
        self._acks_late, self._workers, self._concurrency = acks_late, worker_count, concurrency
        self._database = ""

    def start(self, cluster: Cluster) -> None:
        """Start the workers."""
        self._database = cluster.postgres.url("siprems")
        environment = {
            "CHAOS_BROKER": cluster.valkey.url(0),
            "CHAOS_DATABASE": self._database,
            "CHAOS_ACKS_LATE": str(int(self._acks_late)),
        }
        os.environ.update(environment)
        self._write("CREATE TABLE begun (id bigserial, task_id text, at timestamptz DEFAULT now())")
        self._write("CREATE TABLE effects (id bigserial, task_id text, at timestamptz DEFAULT now())")
        from benchmarks.chaos.bare_app import app

        self._app = app
        worker = ("-m", "celery", "-A", "benchmarks.chaos.bare_app", "worker", "--loglevel", "WARNING")
        for number in range(self._workers):
            own = ("--concurrency", str(self._concurrency), "--hostname", f"bare{number}@%h")
            cluster.run(f"worker{number}", python(*worker, *own), environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(app.control.ping(timeout=1.0)) < self._workers:
            pass

    def submit(self, _number: int) -> str | None:
        """Send a message, again until the broker takes one."""
        task_id = uuid4().hex
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self._app.send_task(
                    "bare.work", (task_id, TASK_SECONDS), task_id=task_id, retry=False, ignore_result=True
                )
            except Exception:
                time.sleep(0.3)
            else:
                return task_id
        return None

    def running(self) -> set[str]:
        """Tasks that began in the last seconds and have had no effect yet."""
        rows = self._rows(
            "SELECT task_id FROM begun WHERE at > now() - interval '2 s'"
            " AND task_id NOT IN (SELECT task_id FROM effects)"
        )
        return {row[0] for row in rows}

    def mark(self) -> Any:
        """How many effects there are."""
        return self._count("effects") if self._answers() else None

    def recovered(self, _touched: set[str], marker: Any) -> bool:
        """Nobody looks after tasks here: work goes on as soon as there are new effects."""
        return self._answers() and self._count("effects") > (marker or 0) + 3

    def unfinished(self, submitted: set[str]) -> int:
        """Tasks without an effect."""
        done = {row[0] for row in self._rows("SELECT DISTINCT task_id FROM effects")}
        return len(submitted - done)

    def outcome(self, submitted: set[str]) -> Outcome:
        """From the rows."""
        done = {row[0]: row[1] for row in self._rows("SELECT task_id, count(*) FROM effects GROUP BY 1")}
        begun = {row[0]: row[1] for row in self._rows("SELECT task_id, count(*) FROM begun GROUP BY 1")}
        finished = len(submitted & done.keys())
        return Outcome(
            finished=finished,
            failed=0,
            lost=len(submitted) - finished,
            twice=sum(count > 1 for count in done.values()),
            reruns=sum(count > 1 for count in begun.values()),
        )

    def _answers(self) -> bool:
        try:
            self._rows("SELECT 1")
        except psycopg2.Error:
            return False
        return True

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def _write(self, statement: str) -> None:
        connection = psycopg2.connect(self._database)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def _rows(self, statement: str) -> list[Any]:
        connection = psycopg2.connect(self._database, connect_timeout=2)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

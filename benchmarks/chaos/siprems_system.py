"""SIPREMS as the driver sees it: tasks through HTTP, accounts from the ledger and from what tasks left."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2

from benchmarks.chaos.cluster import PROJECT, Cluster, python
from benchmarks.chaos.system import Outcome
from siprems_local.ports import choose

EMAIL, PASSWORD = "chaos@example.com", "chaos chaos chaos"
BATCH = 60
# A client gives up on a submit after this long; then nobody acknowledged the task.
PATIENCE_SECONDS = 60
TRAIN = "tasks.ml_tasks.train_product_model_task"
IMPORT = "tasks.data_tasks.import_file_task"


class Siprems:
    """Two web processes, two workers, two Beats by mistake."""

    name = "SIPREMS"

    def __init__(self, products: int = 60, worker_count: int = 2, concurrency: int = 2) -> None:
        self._products, self._workers, self._concurrency = products, worker_count, concurrency
        self._token = ""
        self._url = ""
        self._database = ""
        self._imported: dict[str, float] = {}

    def start(self, cluster: Cluster) -> None:
        """Start everything, with a shop whose products can be trained."""
        port = choose()
        self._url, self._database = f"http://127.0.0.1:{port}", cluster.postgres.url("siprems")
        environment = self._environment(cluster, port)
        os.environ.update(environment)
        _fill_shop(self._products)
        self._sign_in()
        gunicorn = ("-m", "gunicorn", "-c", "siprems_backend/gunicorn_conf.py", "siprems_backend.wsgi:app")
        cluster.run("web", python(*gunicorn), environment)
        for number in range(self._workers):
            own = {"WORKER_NAME": f"chaos{number}", "CONCURRENCY": str(self._concurrency)}
            cluster.run(f"worker{number}", [str(PROJECT / "start_worker.sh"), "worker"], environment | own)
        for number in range(2):
            cluster.run(f"beat{number}", [str(PROJECT / "start_worker.sh"), "beat"], environment)
        self._wait_for_workers()

    def _environment(self, cluster: Cluster, port: int) -> dict[str, str]:
        volume = cluster.folder / "volume"
        return {
            "SIPREMS_ENV": "production",
            "DATABASE_URL": self._database,
            "REDIS_URL": cluster.valkey.url(0).rsplit("/", 1)[0],
            "JWT_SECRET_KEY": "a key for a throwaway instance of the benchmark",
            "MODELS_DIR": str(volume / "models"),
            "DATA_DIR": str(volume / "data"),
            # Every version must still be there when they are counted.
            "MODEL_VERSIONS_KEPT": "50",
            "ACCESS_TOKEN_MINUTES": "1440",
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
        }

    def _sign_in(self) -> None:
        from siprems_backend.services import authentication

        authentication.register(EMAIL, "Chaos", PASSWORD)

    def _wait_for_workers(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if not self._token:
                    login = self._call("POST", "/auth/login", {"email": EMAIL, "password": PASSWORD})
                    self._token = login["access_token"]
                if self._one("SELECT count(*) FROM workers") >= self._workers:
                    return
            except (OSError, psycopg2.Error):
                pass
            time.sleep(0.2)
        raise RuntimeError("the instance did not come up")

    def submit(self, number: int) -> str | None:
        """Send a task of one of four kinds, again with the same key until somebody acknowledges it."""
        key = uuid4().hex
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                return str(self._submit_once(number, key)["task_id"])
            except urllib.error.HTTPError as error:
                if error.code not in {409, 429, 500, 502, 503}:
                    raise
            except OSError:
                pass
            time.sleep(0.3)
        return None

    def _submit_once(self, number: int, key: str) -> Any:
        sku = f"CHAOS-{number % self._products}"
        match number % 4:
            case 0:
                return self._call("POST", f"/tasks/training/product/{sku}", None, key)
            case 1:
                return self._call("POST", "/predict/async", {"product_sku": sku, "days": 14}, key)
            case 2:
                skus = [f"CHAOS-{place}" for place in range(BATCH)]
                return self._call("POST", "/predict/batch", {"product_skus": skus, "days": 14}, key)
            case _:
                return self._import(number, key)

    def _import(self, number: int, key: str) -> Any:
        """A file with 2,000 rows of a product of its own: what it adds up to is known."""
        sku = f"IMPORTED-{number}"
        first = dt.date(2020, 1, 1)
        rows = [f"{sku},{first + dt.timedelta(days=day)},{1 + day % 5}" for day in range(2000)]
        self._imported[sku] = float(sum(1 + day % 5 for day in range(2000)))
        text = "\r\n".join(["sku,date,quantity", *rows])
        boundary = uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{sku}.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\n{text}\r\n--{boundary}--\r\n"
        )
        content = f"multipart/form-data; boundary={boundary}"
        return self._send("POST", "/imports?kind=sales", body.encode(), content, key)

    def _call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        data = json.dumps({} if body is None else body).encode()
        return self._send(method, path, data, "application/json", key)

    def _send(self, method: str, path: str, body: bytes, content: str, key: str | None) -> Any:
        request = urllib.request.Request(self._url + "/api/v1" + path, body, method=method)
        request.add_header("Content-Type", content)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if key:
            request.add_header("Idempotency-Key", key)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def running(self) -> set[str]:
        """Tasks with a lease now."""
        rows = self._rows("SELECT id FROM tasks WHERE lease_expires_at > now() AND owner_id IS NOT NULL")
        return {str(row[0]) for row in rows}

    def mark(self) -> Any:
        """The database's time; ours while it is away."""
        return dt.datetime.now(dt.UTC)

    def recovered(self, touched: set[str], marker: Any) -> bool:
        """What was touched has ended or is held by a live lease again, and a newer task is done."""
        try:
            ended = self._one(
                "SELECT count(*) FROM tasks WHERE id = ANY(%s::uuid[]) AND (finished_at IS NOT NULL"
                " OR started_at > %s OR (lease_expires_at > now() AND heartbeat_at > %s))",
                list(touched),
                marker,
                marker,
            )
            newer = self._one(
                "SELECT count(*) FROM tasks WHERE started_at > %s AND finished_at IS NOT NULL"
                " AND owner_id IS NOT NULL",
                marker,
            )
        except psycopg2.Error:
            return False
        return ended == len(touched) and newer > 0

    def unfinished(self, submitted: set[str]) -> int:
        """Tasks without an end in the ledger."""
        return len(submitted) - self._one(
            "SELECT count(*) FROM tasks WHERE id = ANY(%s::uuid[]) AND finished_at IS NOT NULL",
            list(submitted),
        )

    def outcome(self, submitted: set[str]) -> Outcome:
        """From the ledger, the models' versions and the imported rows."""
        ids = list(submitted)
        states = dict(
            self._rows("SELECT status, count(*) FROM tasks WHERE id = ANY(%s::uuid[]) GROUP BY 1", ids)
        )
        reruns = self._one("SELECT count(*) FROM tasks WHERE id = ANY(%s::uuid[]) AND attempts > 1", ids)
        missing = len(ids) - sum(states.values()) + sum(states.get(name, 0) for name in _ACTIVE)
        return Outcome(
            finished=states.get("SUCCESS", 0),
            failed=states.get("FAILURE", 0) + states.get("REVOKED", 0),
            lost=missing,
            twice=self._trained_twice(ids) + self._imported_twice() + self._slots_twice(),
            reruns=reruns,
        )

    def _trained_twice(self, ids: list[str]) -> int:
        """Versions of models beyond one for every training that succeeded."""
        versions = self._one(
            "SELECT count(*) FROM artifacts JOIN tasks ON tasks.id = artifacts.task_id"
            " WHERE artifacts.task_id = ANY(%s::uuid[]) AND kind = %s",
            ids,
            TRAIN,
        )
        trained = self._one(
            "SELECT count(*) FROM tasks WHERE id = ANY(%s::uuid[]) AND kind = %s AND status = 'SUCCESS'"
            " AND result->>'status' = 'success'",
            ids,
            TRAIN,
        )
        return abs(versions - trained)

    def _imported_twice(self) -> int:
        """Imported products whose sales do not add up to what the file says."""
        sums = dict(
            self._rows(
                "SELECT sku, sum(quantity)::float8 FROM daily_sales JOIN products ON products.id = product_id"
                " WHERE sku LIKE 'IMPORTED-%%' GROUP BY sku"
            )
        )
        return sum(abs(total - self._imported[sku]) > 1e-9 for sku, total in sums.items())

    def _slots_twice(self) -> int:
        """Regular tasks beyond one for every slot."""
        return self._one(
            "SELECT count(task_id) - count(DISTINCT task_id) FROM schedule_slots WHERE task_id IS NOT NULL"
        )

    def _one(self, statement: str, *values: Any) -> int:
        return int(self._rows(statement, *values)[0][0])

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        connection = psycopg2.connect(self._database, connect_timeout=2)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()


_ACTIVE = ("PENDING", "STARTED", "PROGRESS", "RETRY")


def _fill_shop(products: int) -> None:
    """Products with a history long enough to be trained, in a migrated database."""
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.database import database
    from siprems_backend.services import migrations
    from siprems_backend.utils import clock
    from tests import factories

    get_settings.cache_clear()
    settings = get_settings()
    database.bind(settings)
    migrations.upgrade()
    Path(settings.models_dir).mkdir(parents=True, exist_ok=True)
    yesterday = clock.today() - dt.timedelta(days=1)
    for number in range(products):
        product = factories.make_product(database, f"CHAOS-{number}")
        factories.sell(database, product, factories.weekly_demand(400, seed=number), until=yesterday)

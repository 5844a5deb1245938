"""Latency of predictions and submits, and the memory of the processes.

    .venv/bin/python -m benchmarks.serving [--calls 500]
    .venv/bin/python -m benchmarks.serving --url http://127.0.0.1:8000 --email E --password P

Without an address it starts an instance of its own with the demo shop, and stops it at the end.
Trains the products it asks for first, so that every timed call is answered from a stored model.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from siprems_local.ports import choose


class Api:
    """The few calls the benchmark makes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request; the parsed answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url")
    parser.add_argument("--email")
    parser.add_argument("--password")
    parser.add_argument("--calls", type=int, default=500)
    given = parser.parse_args()
    if given.url:
        measure(given.url, given.email, given.password, given.calls)
        return
    with own_instance() as (url, email, password):
        measure(url, email, password, given.calls)


@contextmanager
def own_instance() -> Iterator[tuple[str, str, str]]:
    """An instance with the demo shop: its address and its administrator's login."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SIPREMS_HOME": home}
        port = choose()
        siprems = str(Path(__file__).resolve().parents[1] / "siprems")
        subprocess.run([siprems, "up", "--detach", "--port", str(port)], env=environment, check=True)
        try:
            instance = json.loads((Path(home) / "instance.json").read_text())
            yield f"http://127.0.0.1:{port}", instance["demo_email"], instance["demo_password"]
        finally:
            subprocess.run([siprems, "down"], env=environment, check=True)


def measure(url: str, email: str, password: str, calls: int) -> None:
    """Time the calls and print the tables."""
    api = Api(url)
    login = api.call("POST", "/auth/login", {"email": email, "password": password})
    api.token = login["access_token"]
    skus = trained(api)
    rows = [
        timed("POST /predict, 90 + 7 days", calls, lambda n: predict(api, skus[n % len(skus)])),
        timed("POST /predict/async, submit only", calls, lambda n: submit(api, skus[n % len(skus)])),
        timed("GET /tasks/active", calls, lambda _n: api.call("GET", "/tasks/active")),
    ]
    rows.append(timed("submit to SUCCESS", 50, lambda n: submit_and_wait(api, skus[n % len(skus)])))
    print(f"{'call':36}{'calls':>7}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for name, count, median, high, worst in rows:
        print(f"{name:36}{count:>7}{median:>9.1f}{high:>9.1f}{worst:>9.1f}")
    print_memory(url.rpartition(":")[2])


def trained(api: Api) -> list[str]:
    """SKUs with a stored model, training up to ten if there are none."""
    items = api.call("GET", "/products?page_size=50")["items"]
    chosen = []
    for item in items:
        sku = item["sku"]
        if not api.call("GET", f"/products/{quote(sku, safe='')}/models")["models"]:
            task = api.call("POST", f"/tasks/training/product/{quote(sku, safe='')}")
            if wait(api, task["task_id"])["result"]["status"] != "success":
                continue
        chosen.append(sku)
        if len(chosen) == 10:
            break
    return chosen


def predict(api: Api, sku: str) -> None:
    """One forecast from the stored model."""
    answer = api.call("POST", "/predict", {"product_sku": sku, "days": 7})
    assert len(answer["chartData"]) >= 7


def submit(api: Api, sku: str) -> str:
    """One submit; the task's id."""
    return str(api.call("POST", "/predict/async", {"product_sku": sku})["task_id"])


def submit_and_wait(api: Api, sku: str) -> None:
    """From the submit until the result is there."""
    wait(api, submit(api, sku), every=0.01)


def wait(api: Api, task_id: str, every: float = 0.1) -> Any:
    """Look until the task has ended."""
    while True:
        task = api.call("GET", f"/tasks/{task_id}")
        if task["status"] in {"SUCCESS", "FAILURE", "REVOKED"}:
            return task
        time.sleep(every)


def timed(name: str, calls: int, call: Callable[[int], object]) -> tuple[str, int, float, float, float]:
    """(name, calls, median, 99th percentile, maximum), milliseconds; a tenth of the calls warms up first."""
    for n in range(max(5, calls // 10)):
        call(n)
    taken = []
    for n in range(calls):
        began = time.perf_counter()
        call(n)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return name, calls, statistics.median(taken), taken[int(len(taken) * 0.99) - 1], taken[-1]


def print_memory(port: str) -> None:
    """Resident and proportional memory of the instance's processes, and whether they loaded Prophet."""
    print(f"\n{'process':44}{'RSS MB':>8}{'PSS MB':>8}  prophet loaded")
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if "siprems_backend" not in line:
            continue
        try:
            # All programs of an instance are given its port.
            if process.environ().get("PORT") != port:
                continue
            memory = process.memory_full_info()
            maps = Path(f"/proc/{process.pid}/maps").read_text()
        except (psutil.Error, OSError):
            continue
        name = "web" if "gunicorn" in line else "beat" if " beat" in line else "worker"
        children = " (parent)" if process.children() else ""
        loaded = "yes" if "pandas" in maps else "no"
        print(f"{name + children:44}{memory.rss / 2**20:>8.0f}{memory.pss / 2**20:>8.0f}  {loaded}")


if __name__ == "__main__":
    main()

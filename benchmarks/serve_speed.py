"""How fast the web processes answer: alone and with several clients at once, and what that costs.

    .venv/bin/python -m benchmarks.serve_speed [--seconds 5] [--clients 1 4]
    .venv/bin/python -m benchmarks.serve_speed --url http://127.0.0.1:8000 --email E --password P

Without an address it starts an instance of its own with the demo shop, and stops it at the end. The products
it asks for are trained and forecast first, so that every timed answer comes from what is stored. Each client
is a process of its own that keeps one connection and sends the next request when the last one is answered.
The columns "web", "database" and "clients" are CPU milliseconds a request: what the clients take is seen
beside the rest.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any
from urllib.parse import quote

from benchmarks.forecast_speed import compare
from benchmarks.instance import Api, own_instance
from benchmarks.load import Request, run
from benchmarks.processes import Instance

MOST_PRODUCTS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url")
    parser.add_argument("--email")
    parser.add_argument("--password")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    given = parser.parse_args()
    if given.url:
        measure(Api.signed_in(given.url, given.email, given.password), given.clients, given.seconds)
        return
    with own_instance() as (url, email, password):
        measure(Api.signed_in(url, email, password), given.clients, given.seconds)


def measure(api: Api, clients: list[int], seconds: float) -> None:
    """Print all tables for one instance."""
    by_engine = trained(api)
    skus, others = by_engine["prophet"], by_engine["window-average"]
    instance = Instance.at(api.port)
    calls = {
        "POST /predict, 90 + 7 days": [_predict(sku) for sku in skus],
        "the same, 7 days alone": [_predict(sku, history_days=0) for sku in skus],
        "the same, with quantiles": [_predict(sku, quantiles=True) for sku in skus],
        "the same, a year ahead": [_predict(sku, days=365) for sku in skus],
        "the same, by prophet": [_predict(sku, engine="prophet") for sku in skus],
        "the same, an average answers": [_predict(sku, engine="prophet") for sku in others],
        "POST /predict/async, submit": [Request("POST", "/predict/async", {"product_sku": skus[0]})],
        "GET /tasks/active": [Request("GET", "/tasks/active")],
    }
    print(
        f"{'call':30}{'clients':>8}{'calls/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}"
        f"{'web':>8}{'database':>10}{'clients':>9}"
    )
    for name, requests in calls.items():
        for count in clients:
            print(f"{name:30}{count:>8}{run(api, requests, count, seconds, instance)}", flush=True)
        if "async" in name:
            drain(api)
    print_submits(api, skus)
    instance.print_memory()
    instance.print_modules(api.token, skus[0])
    compare(instance.models_folder, skus[0])


def _predict(sku: str, **more: Any) -> Request:
    return Request("POST", "/predict", {"product_sku": sku, "days": 7, **more}, field="chartData")


def trained(api: Api) -> dict[str, list[str]]:
    """SKUs by the engine that answers for them, at most ten each; those without a model are trained first."""
    wait(api, api.call("POST", "/tasks/training/all")["task_id"])
    found: dict[str, list[str]] = {"prophet": [], "window-average": []}
    for item in api.call("GET", "/products?page_size=100&is_active=true")["items"]:
        models = api.call("GET", f"/products/{quote(item['sku'], safe='')}/models")["models"]
        if models and len(found[models[0]["served_by"]]) < MOST_PRODUCTS:
            found[models[0]["served_by"]].append(item["sku"])
    return found


def print_submits(api: Api, skus: list[str], calls: int = 50) -> None:
    """From a submit until a client sees that a worker has succeeded, one after the other."""
    taken = []
    for place in range(calls + 5):
        began = time.perf_counter()
        task = api.call("POST", "/predict/async", {"product_sku": skus[place % len(skus)]})
        wait(api, task["task_id"], every=0.005)
        taken.append((time.perf_counter() - began) * 1000)
    # The first ones warm up the worker's processes.
    taken = sorted(taken[5:])
    print(
        f"\nsubmit to SUCCESS, {calls} calls: p50 {statistics.median(taken):.1f} ms, max {taken[-1]:.1f} ms"
    )


def wait(api: Api, task_id: str, every: float = 0.1) -> Any:
    """Look until the task has ended."""
    while True:
        task = api.call("GET", f"/tasks/{task_id}")
        if task["status"] in {"SUCCESS", "FAILURE", "REVOKED"}:
            return task
        time.sleep(every)


def drain(api: Api) -> None:
    """Wait until the workers have done what was submitted, so that they take no time from what follows."""
    while api.call("GET", "/tasks?status=PENDING&page_size=1")["total"]:
        time.sleep(0.2)


if __name__ == "__main__":
    main()

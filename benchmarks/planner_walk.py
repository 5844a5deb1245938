"""A planner's morning through the API alone: import, train, plan, override two lines, order, receive a part.

    .venv/bin/python -m benchmarks.planner_walk FOLDER [--stock 40] [--wait 900]

FOLDER has `products.csv` and `sales.csv` or `sales.csv.gz`. Starts an instance of its own with a real worker.
Every step says what it found; the walk fails where the next plan is not right.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.instance import Api, empty_instance

REASONS = 10
SUPPLIERS = (
    "name,lead_time_days,lead_time_sd_days,review_days\nMill,3,0.5,7\n",
    "sku,category,supplier\n,,Mill\n",
)


def main() -> None:
    """Walk."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stock", type=int, default=40, help="Units on hand of every product at first.")
    parser.add_argument("--wait", type=float, default=900, help="Seconds that a task may take.")
    given = parser.parse_args()
    with empty_instance() as (api, _):
        walk(Walker(api, given.wait), given.folder, given.stock)


class Walker:
    """An API with uploads, and the patience to wait for tasks."""

    def __init__(self, api: Api, patience: float) -> None:
        self.api, self._patience = api, patience

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request; the parsed answer."""
        return self.api.call(method, f"/api/v1{path}", body)

    def upload(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        """Import a file and wait for its report."""
        mark = secrets.token_hex(16)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        connection = http.client.HTTPConnection(self.api.host, self.api.port, timeout=60)
        headers = {**self.api.headers, "Content-Type": f"multipart/form-data; boundary={mark}"}
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        connection.request("POST", f"/api/v1/imports?kind={kind}", body, headers)
        return self.ended(json.loads(connection.getresponse().read())["task_id"])

    def ended(self, task_id: str) -> dict[str, Any]:
        """Wait for a task; its result."""
        began = time.monotonic()
        while time.monotonic() - began < self._patience:
            task = self.call("GET", f"/tasks/{task_id}")
            if task["status"] in {"SUCCESS", "FAILURE", "REVOKED"}:
                if task["status"] != "SUCCESS":
                    raise RuntimeError(f"{task['kind']}: {task['status']} {task.get('error')}")
                return dict(task["result"])
            time.sleep(0.5)
        raise TimeoutError(f"{task_id} has not ended")

    def line(self, sku: str) -> dict[str, Any]:
        """The plan's line of a product."""
        found = self.call("GET", f"/replenishment?search={quote(sku)}&page_size=200")["items"]
        return next(dict(item) for item in found if item["sku"] == sku)


def walk(walker: Walker, folder: Path, stock: int) -> None:
    """Do a planner's morning and check what comes of it."""
    prepare(walker, folder, stock)
    page = walker.call("GET", "/replenishment?page_size=100&to_order=true")
    while page["stale"]:
        time.sleep(1)
        page = walker.call("GET", "/replenishment?page_size=100&to_order=true")
    print(f"plan of {page['planDate']}: {page['totals']}")
    print_reasons(walker)
    more, less, same = page["items"][:3]
    wishes = [
        {"sku": more["sku"], "quantity": more["recommendedRestock"] + 10, "reason": "Town festival"},
        {
            "sku": less["sku"],
            "quantity": max(1, less["recommendedRestock"] - 5),
            "reason": "Too much last week",
        },
        {"sku": same["sku"]},
    ]
    (order,) = walker.call("POST", "/replenishment/orders", {"lines": wishes})["items"]
    one = f"/replenishment/orders/{order['id']}"
    sent = walker.call("POST", f"{one}/send", {})["order"]
    changed, due = sent["overridden"], sent["expected_date"]
    print(f"order {sent['id']} to {sent['supplier']}: {changed} lines overridden, expected on {due}")
    part = float(round(wishes[0]["quantity"] / 2))
    taken = walker.call("POST", f"{one}/receipts", {"lines": [{"sku": more["sku"], "quantity": part}]})
    print(f"{part:g} of {more['sku']} taken in: {taken['order']['status']}")
    check(walker, more, wishes[0]["quantity"], part)
    check(walker, same, same["recommendedRestock"], 0.0)
    habits = walker.call("GET", "/replenishment/overrides?group_by=user")["items"]
    print(f"learned: {habits[0]['changed']} of {habits[0]['proposals']} proposals changed")


def print_reasons(walker: Walker) -> None:
    """Print reasons of as many kinds as there are, ten in all."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for number in range(1, 6):
        for line in walker.call("GET", f"/replenishment?page_size=200&page={number}")["items"]:
            by_kind.setdefault(line["reasonKey"], []).append(line)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*by_kind.values()))
    for line in itertools.islice(filter(None, turns), REASONS):
        print(f"  {line['sku']}: {line['reason']}")


def prepare(walker: Walker, folder: Path, stock: int) -> None:
    """Bring the shop in and train it."""
    sales = next(path for path in (folder / "sales.csv.gz", folder / "sales.csv") if path.is_file())
    products = folder / "products.csv"
    skus = [line.split(",")[0] for line in products.read_text().splitlines()[1:]]
    on_hand = "sku,on_hand\n" + "".join(f"{sku},{stock}\n" for sku in skus)
    for kind, name, content in (
        ("products", products.name, products.read_bytes()),
        ("sales", sales.name, sales.read_bytes()),
        ("stock", "stock.csv", on_hand.encode()),
        ("suppliers", "suppliers.csv", SUPPLIERS[0].encode()),
        ("replenishment", "replenishment.csv", SUPPLIERS[1].encode()),
    ):
        print(f"{kind}: {walker.upload(kind, name, content)['message']}", flush=True)
    began = time.monotonic()
    submitted = walker.call("POST", "/tasks/training/all", {})
    result = walker.ended(submitted["task_id"])
    print(f"trained {result['trained']} in {time.monotonic() - began:.0f} s", flush=True)


def check(walker: Walker, before: dict[str, Any], ordered: float, received: float) -> None:
    """See that the next plan knows what arrived and what is to come."""
    now = walker.line(before["sku"])
    assert now["currentStock"] == before["currentStock"] + received, now
    assert now["onOrder"] == ordered - received, now
    assert now["reorderPoint"] == before["reorderPoint"], now
    if ordered >= before["recommendedRestock"]:
        assert now["recommendedRestock"] == 0, now
    print(f"next plan of {now['sku']}: {now['reason']}")


if __name__ == "__main__":
    main()

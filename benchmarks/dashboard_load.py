"""What the dashboard costs the web processes and the API, and how often a live bar moves."""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from benchmarks import dashboard_pages, dashboard_shop
from benchmarks.dashboard_pages import Place
from benchmarks.instance import Api
from benchmarks.load import Request, run
from benchmarks.processes import Instance
from benchmarks.serve_speed import drain

LOADS = 200
OPEN = ("tasks", "", "products", "plan", "products/SKU-77")
SECONDS = 6.0
API_ROUNDS = 3
CALLS = {
    "POST /predict": [
        Request("POST", "/predict", {"product_sku": f"SKU-{n}", "days": 7}, "chartData") for n in range(1, 51)
    ],
    "POST /predict/async": [Request("POST", "/predict/async", {"product_sku": "SKU-1"})],
    "GET /tasks/active": [Request("GET", "/tasks/active")],
}
PAGES_OF_BARS = {"tasks": "Tasks", "task": "the page of the run"}
BAR = {"tasks": "#active-tasks", "task": "#task-state"}
# How wide the bar is, looked at many times as often as it may change.
WATCH = """(place) => { window.moves = []; let before = null;
  setInterval(() => {
    const bar = document.querySelector(place + ' .mantine-Progress-section');
    const wide = bar && bar.getAttribute('style');
    if (wide !== before) { before = wide; moves.push(performance.now()); }
  }, 20); }"""


def print_live(browser: Browser, url: str, state: Any, api: Api, instance: Instance, database: Any) -> None:
    """How often the bar of a real training of everything moves, on the list and on the run's own page."""
    print(
        f"\n{'live bar':24}{'moves':>7}{'a second':>10}{'gap p50':>9}{'p90':>7}{'max ms':>8}"
        f"{'web CPU':>9}{'run s':>7}"
    )
    for name, place in BAR.items():
        dashboard_shop.change_a_day(database)
        run_id = api.call("POST", "/tasks/training/all")["task_id"]
        began, before = time.perf_counter(), instance.cpu_seconds()["web"]
        with dashboard_pages.reader(browser, url, state) as reader:
            reader.page.goto(f"{url}/app/tasks" + ("" if name == "tasks" else f"/{run_id}"))
            reader.page.wait_for_selector(f"{place} .mantine-Progress-section")
            reader.page.evaluate(WATCH, place)
            while api.call("GET", f"/tasks/{run_id}")["status"] not in {"SUCCESS", "FAILURE", "REVOKED"}:
                reader.page.wait_for_timeout(1000)
            moves = reader.page.evaluate("moves")
            complaints = reader.complaints
        taken = time.perf_counter() - began
        gaps = sorted(late - early for early, late in itertools.pairwise(moves))
        rate = 1000 * len(gaps) / (moves[-1] - moves[0])
        web = 100 * (instance.cpu_seconds()["web"] - before) / taken
        print(
            f"{PAGES_OF_BARS[name]:24}{len(moves):>7}{rate:>10.2f}"
            f"{median(gaps):>9.0f}{gaps[int(0.9 * len(gaps))]:>7.0f}{gaps[-1]:>8.0f}"
            f"{web:>8.0f}%{taken:>7.0f}",
            *complaints[:3],
            flush=True,
        )


def print_memory(browser: Browser, url: str, state: Any, places: list[Place], instance: Instance) -> None:
    """Resident memory of the web processes before, after a walk over all pages, and after many loads."""
    print(f"\n{'web processes, RSS MB':32}" + "".join(f"{p.pid:>9}" for p in _serving(instance)))
    _print_memory("before", instance)
    with dashboard_pages.reader(browser, url, state) as reader:
        for place in places:
            reader.visit(place)
        _print_memory("after a walk over all pages", instance)
        for number in range(1, LOADS + 1):
            reader.visit(places[number % len(places)])
            if number % (LOADS // 4) == 0:
                _print_memory(f"after {number} loads more", instance)
        complaints = reader.complaints
    print(*complaints[:3])


def _serving(instance: Instance) -> list[Any]:
    return [process for process in instance.programs["web"] if not process.children()]


def _print_memory(when: str, instance: Instance) -> None:
    sizes = [process.memory_info().rss / 2**20 for process in _serving(instance)]
    print(f"{when:32}" + "".join(f"{size:>9.0f}" for size in sizes), flush=True)


def print_api(browser: Browser, url: str, state: Any, api: Api, instance: Instance) -> None:
    """Latencies of the API with no browser and with five open, one of which follows what runs, in turns."""
    print(
        f"\n{'call':24}{'browsers':>9}{'p50 ms':>8}{'p99 ms':>8}"
        f"   medians of {API_ROUNDS} rounds, each p50 and p99"
    )
    for name, requests in CALLS.items():
        found: dict[int, list[tuple[float, float]]] = {0: [], len(OPEN): []}
        for _ in range(API_ROUNDS):
            for count, rounds in found.items():
                with ExitStack() as stack:
                    for path in OPEN[:count]:
                        reader = stack.enter_context(dashboard_pages.reader(browser, url, state))
                        reader.page.goto(
                            f"{url}/app/{path}", wait_until="networkidle" if path != "tasks" else "load"
                        )
                    latencies = run(api, requests, 1, SECONDS, instance).latencies
                rounds.append((latencies[len(latencies) // 2], latencies[int(0.99 * len(latencies)) - 1]))
                drain(api)
        for count, rounds in found.items():
            half, high = (median(pair[which] for pair in rounds) for which in (0, 1))
            each = ", ".join(f"{p50:.1f}/{p99:.1f}" for p50, p99 in rounds)
            print(f"{name:24}{count:>9}{half:>8.1f}{high:>8.1f}   {each}", flush=True)

"""The dashboard of a large shop in a real browser: what its readers wait for, and what it costs the rest.

    .venv/bin/python -m benchmarks.dashboard [--products 10000] [--rounds 5]
    .venv/bin/python -m benchmarks.dashboard --url http://127.0.0.1:8000 --email E --password P --parts pages

Without an address it starts an instance of its own, with sales, two nights of work by its workers, a plan,
accuracy and orders, and stops it at the end. An instance that is given must have such a shop, an operator's
account, and run on this machine: `live` changes a day of its sales, so that all is trained anew. The browser
uses the same cores as everything else.
"""

from __future__ import annotations

import argparse
import secrets
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from benchmarks import dashboard_load, dashboard_pages, dashboard_shop
from benchmarks.dashboard_pages import Grid, Place, Reader
from benchmarks.instance import Api, empty_instance
from benchmarks.processes import Instance

SKU = "SKU-77"
DAYS = 365
# Until what a page loads after it was seen has come as well.
REST_MS = 800
PARTS = ("pages", "grids", "live", "memory", "api")
# Each finds another number of products than the one before.
SEARCHES = ("SKU-7", "SKU-77", "SKU-777")
GRIDS = (
    Grid("products", ("name", "stock", "demand", "category", "wape")),
    Grid("plan", ("name", "value", "recommended", "stockout_date", "urgency")),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("--url", "--email", "--password"):
        parser.add_argument(name)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    if given.url:
        measure(given.url, {"email": given.email, "password": given.password}, given.parts, given.rounds)
        return
    login = {"email": "reader@example.com", "password": secrets.token_urlsafe(16)}
    with empty_instance() as (api, _environment):
        database = dashboard_shop.bind(Instance.at(api.port))
        dashboard_shop.fill(database, given.products, DAYS)
        dashboard_shop.night(api)
        dashboard_shop.sell_on(database)
        dashboard_shop.night(api)
        registered = api.call("POST", "/auth/register", {**login, "full_name": "Reader"})
        api.call("PATCH", f"/api/v1/users/{registered['user']['id']}", {"role": "admin"})
        measure(f"http://{api.host}:{api.port}", login, given.parts, given.rounds)


def measure(url: str, login: dict[str, str], parts: list[str], rounds: int) -> None:
    """The tables of these parts."""
    api = Api.signed_in(url, **login)
    instance = Instance.at(api.port)
    database = dashboard_shop.bind(instance)
    task = dashboard_shop.add_tree(database)
    places = dashboard_pages.places(SKU, task)
    with dashboard_pages.chromium() as browser:
        state = dashboard_pages.sign_in(browser, url, login)
        if "pages" in parts:
            print_pages(browser, url, state, places, rounds)
        if "grids" in parts:
            print_grids(browser, url, state, rounds)
        if "live" in parts:
            dashboard_load.print_live(browser, url, state, Api.signed_in(url, **login), instance, database)
        if "memory" in parts:
            dashboard_load.print_memory(browser, url, state, places, instance)
        if "api" in parts:
            dashboard_load.print_api(browser, url, state, Api.signed_in(url, **login), instance)


def print_pages(browser: Browser, url: str, state: Any, places: list[Place], rounds: int) -> None:
    """Medians (and the slowest) of each page: with an empty cache, loaded again, and from another page."""
    print(
        f"{'page':24}{'cold: first':>13}{'seen':>7}{'KB':>7}{'warm: first':>13}{'seen':>7}{'max':>7}"
        f"{'inside':>9}{'max':>7}{'bar':>7}"
    )
    for place in places:
        cold, warm, inside, complaints, size = [], [], [], [], 0.0
        for _ in range(rounds):
            with dashboard_pages.reader(browser, url, state) as reader:
                cold.append(reader.visit(place))
                # Pages that follow what runs never stop asking.
                reader.page.wait_for_timeout(REST_MS)
                size = reader.bytes_received / 1024
                warm += [reader.visit(place) for _ in range(2)]
                inside += [_from_elsewhere(reader, place) for _ in range(2)]
                complaints += reader.complaints
        bar = "" if place.bar_ms is None else f"{place.bar_ms:.0f}"
        print(
            f"{place.name:24}{_middle(cold, 0):>13.0f}{_middle(cold, 1):>7.0f}{size:>7.0f}"
            f"{_middle(warm, 0):>13.0f}{_middle(warm, 1):>7.0f}{max(seen for _, seen in warm):>7.0f}"
            f"{median(inside):>9.0f}{max(inside):>7.0f}{bar:>7}",
            *complaints[:3],
            flush=True,
        )


def _from_elsewhere(reader: Reader, place: Place) -> float:
    reader.follow(dashboard_pages.ELSEWHERE[place.path == dashboard_pages.ELSEWHERE[0].path])
    reader.page.wait_for_timeout(REST_MS)
    return reader.follow(place)


def _middle(pairs: list[tuple[float, float]], which: int) -> float:
    return median(pair[which] for pair in pairs)


def print_grids(browser: Browser, url: str, state: Any, rounds: int) -> None:
    """What turning, sorting and searching take until the rows are painted; a search from its last key."""
    print(f"\n{'grid':12}{'turn a page':>13}{'max':>7}{'sort':>7}{'max':>7}{'search':>9}{'max':>7}  bar 300")
    for grid in GRIDS:
        turned, sorted_, searched = [], [], []
        with dashboard_pages.reader(browser, url, state) as reader:
            reader.open_grid(grid)
            for number in range(rounds):
                turned.append(reader.turn(grid, 500 * (number + 1) + 50))
            for column in grid.columns:
                sorted_.append(reader.sort(column))
            for number in range(rounds):
                searched.append(reader.search(grid, SEARCHES[number % len(SEARCHES)]))
            complaints = reader.complaints
        columns = "".join(
            f"{median(taken):>{width}.0f}{max(taken):>7.0f}"
            for taken, width in ((turned, 13), (sorted_, 7), (searched, 9))
        )
        print(f"{grid.name:12}{columns}", *complaints[:3], flush=True)


if __name__ == "__main__":
    main()

"""What a reader waits for on each page of the dashboard, timed by a real browser's own clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Looked at before every frame; what is there then is painted with the next one, whose time counts.
CLOCK = """
window.seen = (condition, began) => new Promise((done) => {
  const look = () => {
    let there = false;
    try { there = Boolean(condition()); } catch (error) { there = false; }
    if (!there) { requestAnimationFrame(look); return; }
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
  };
  look();
});
window.all = (selector) => [...document.querySelectorAll(selector)];
window.rows = () => all("#content .ag-center-cols-container .cell-link").map((link) => link.textContent);
"""
FIGURES = "all('#content .figure').length >= 4 && all('#content table tbody tr').length >= 5"
CHART = (
    "all('#product-chart .recharts-line-curve').some((path) => (path.getAttribute('d') || '').length > 200)"
)
GRID = "rows().length >= 8"


@dataclass(frozen=True)
class Place:
    """A page: its address, what must be there to have seen it, and how long that may take."""

    name: str
    path: str
    seen: str
    bar_ms: float | None = None


LISTED = "all('#content h1').length && all('#content p, #content table').length > 1"
# Where readers are before they follow a link; the second for the page that is the first.
ELSEWHERE = (Place("Settings", "settings", LISTED), Place("Data", "data", LISTED))


def places(sku: str, task: str) -> list[Place]:
    """All pages that are timed."""
    return [
        Place("Morning", "", FIGURES, 1500),
        Place("Product", f"products/{sku}", CHART, 1000),
        Place("Products", "products", GRID),
        Place("Plan", "plan", f"{GRID} && all('.supplier-card').length > 3"),
        Place("Orders", "plan?view=orders", "all('#orders-list tbody tr').length >= 10"),
        Place(
            "Tasks", "tasks", "all('#task-figures .figure').length >= 4 && all('#active-tasks > *').length"
        ),
        Place("Tasks, history", "tasks?view=history", "all('#history-list tbody tr').length >= 1"),
        Place("A run of 10,000 parts", task, "all('#task-family tbody tr').length >= 20"),
        Place("Training", "training", LISTED),
        Place("Playground", "playground", LISTED),
        *reversed(ELSEWHERE),
    ]


@dataclass(frozen=True)
class Grid:
    """A list of products: its page, and the columns to sort by in turn."""

    name: str
    columns: tuple[str, ...]


@dataclass
class Reader:
    """A browser window of somebody signed in, and what its pages complained of."""

    context: BrowserContext
    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    bytes_received: int = 0

    def visit(self, place: Place) -> tuple[float, float]:
        """Milliseconds from the start of the navigation: (anything painted, what matters painted)."""
        self.page.goto(self.home + place.path, wait_until="commit")
        taken = self.page.evaluate(f"seen(() => {place.seen}, 0)")
        first = self.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
        )
        return float(first), float(taken)

    def act(self, action: str, seen: str) -> float:
        """Milliseconds from what a script does until something is painted."""
        began = (
            f"(() => {{ const began = performance.now(); {action}; return seen(() => {seen}, began); }})()"
        )
        return float(self.page.evaluate(began))

    def follow(self, place: Place) -> float:
        """Milliseconds to a page from another one, as a link within the application leads."""
        push = f"history.pushState({{}}, '', '/app/{place.path}')"
        clear = "all('#content > *').forEach((old) => old.setAttribute('data-old', ''))"
        tell = "window.dispatchEvent(new CustomEvent('_dashprivate_pushstate'))"
        return self.act(f"{clear}; {push}; {tell}", f"!all('[data-old]').length && {place.seen}")

    def open_grid(self, grid: Grid) -> None:
        """Show its page, with its rows."""
        self.visit(Place(grid.name, grid.name, GRID))
        self.page.wait_for_load_state("networkidle")

    def turn(self, grid: Grid, row: int) -> float:
        """Milliseconds until a row far below has been scrolled to and is painted."""
        scroll = f"dash_ag_grid.getApi('{grid.name}-grid').ensureIndexVisible({row}, 'top')"
        return self._settled(scroll, f"document.querySelector('.ag-row[row-index=\"{row}\"] .cell-link')")

    def sort(self, column: str) -> float:
        """Milliseconds until the rows are painted in the order of another column."""
        click = (
            f"document.querySelector('[role=columnheader][col-id={column}] .ag-header-cell-label').click()"
        )
        return self._settled(f"window.old = rows().join('|'); {click}", "rows().join('|') !== old")

    def search(self, grid: Grid, words: str) -> float:
        """Milliseconds from the last key until other rows are painted, and their number."""
        box = f"document.querySelector('#{grid.name}-search')"
        # As React hears of typing.
        typed = (
            f"Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call({box}, '{words}')"
        )
        tell = f"{box}.dispatchEvent(new Event('input', {{bubbles: true}}))"
        count = f"document.querySelector('#{grid.name}-count').textContent"
        return self._settled(f"window.old = {count}; {typed}; {tell}", f"{count} !== old")

    def _settled(self, action: str, seen: str) -> float:
        taken = self.act(action, f"rows().length && !all('.cell-waits').length && {seen}")
        self.page.wait_for_timeout(400)
        return taken


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("This needs chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        # Its sandbox refuses to run as root.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(browser: Browser, url: str, login: dict[str, str]) -> Any:
    """The cookies of a session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/app/sign-in")
    page.fill("#email", login["email"])
    page.fill("#password", login["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("#content h1")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def reader(browser: Browser, url: str, state: Any) -> Iterator[Reader]:
    """A window with an empty cache."""
    context = browser.new_context(
        storage_state=state, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    context.add_init_script(CLOCK)
    found = Reader(context, context.new_page(), f"{url}/app/")
    found.page.on("pageerror", lambda error: found.complaints.append(f"{found.page.url}: {error}"))
    found.page.on("console", lambda told: _note(found, told))
    found.page.on("response", lambda answer: _note_answer(found, answer))
    yield found
    context.close()


def _note(found: Reader, told: Any) -> None:
    if told.type == "error":
        found.complaints.append(f"{found.page.url}: {told.text}")


def _note_answer(found: Reader, answer: Any) -> None:
    found.bytes_received += int(answer.headers.get("content-length", 0))
    if answer.status >= 400:
        found.complaints.append(f"{found.page.url}: {answer.status} {answer.url}")

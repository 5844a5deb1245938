"""Shops behind a real web server and a real worker, looked at with a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from siprems_backend.extensions import queue
from siprems_backend.extensions.cache import cache
from siprems_backend.extensions.database import database
from siprems_backend.services import users
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.browser.shops import OWNER, PASSWORD, SHOPS, VIEWER, Shop
from tests.e2e.conftest import celery_process, wait_until
from tests.e2e.web import web_server

# Without `tools`: what waits there waits until somebody cancels it.
QUEUES = "predictions,notifications,training,pipelines,maintenance,default"

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser; the one that playwright would download is not asked for."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine (apt-get install chromium): pages are not driven")
    with sync_playwright() as playwright:
        # Its sandbox refuses to run as root.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=SHOPS.values(), ids=SHOPS)
def shop(request: pytest.FixtureRequest) -> Shop:
    """The shop that is looked at."""
    found: Shop = request.param
    return found


@pytest.fixture(scope="module")
def address(app: object, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served."""
    factories.empty_database(database)
    cache.client.flushall()
    shop.fill()
    users.create(VIEWER, "Vera Viewer", PASSWORD, Role.VIEWER)
    runs.forecast_here()
    logs: Path = tmp_path_factory.mktemp("browser")
    arguments = ("--concurrency", "1", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    limits = {"LOGIN_ATTEMPTS_PER_MINUTE": "1000"}
    with (
        celery_process("worker", logs / "worker.log", *arguments),
        web_server(logs / "web.log", **limits) as web,
    ):
        wait_until(lambda: queue.inspect_workers("ping", 1.0), "the worker")
        yield f"http://127.0.0.1:{web.port}"


@dataclass
class Visit:
    """A browser of one person, which remembers what it should never see."""

    context: BrowserContext
    address: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Show a page of the dashboard."""
        self.page.goto(f"{self.address}/app/{path}")
        expect(
            self.page.locator("#content h1, #content p, #content .mantine-Alert-root").first
        ).to_be_visible()
        return self.page

    def sign_in(self, email: str) -> None:
        """By the form, as people do."""
        self.page.goto(f"{self.address}/app/sign-in")
        self.page.fill("#email", email)
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]")
        expect(self.page.locator("#content h1")).to_be_visible()

    def listen(self) -> None:
        """Note errors of scripts and requests to other hosts."""
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on(
            "console",
            lambda told: self.complaints.append(f"console: {told.text}") if told.type == "error" else None,
        )
        self.page.on("request", lambda asked: self._note_foreign(asked.url))

    def _note_foreign(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"request to {url}")


Visits = Callable[..., Visit]


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, address: str) -> dict[str, object]:
    """Cookies of both people, signed in once."""
    states: dict[str, object] = {}
    for email in (OWNER, VIEWER):
        context = chromium.new_context(locale="en-GB")
        Visit(context, address, context.new_page()).sign_in(email)
        states[email] = context.storage_state()
        context.close()
    return states


@pytest.fixture
def visit(chromium: Browser, address: str, signed_in: dict[str, object]) -> Iterator[Visits]:
    """Browsers of people; in the end none of them may have complained."""
    visits: list[Visit] = []

    def start(email: str | None = OWNER, width: int = 1440, *, dark: bool = False) -> Visit:
        context = chromium.new_context(
            locale="en-GB",
            timezone_id="Asia/Jakarta",
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            storage_state=signed_in[email] if email else None,  # type: ignore[arg-type]
        )
        found = Visit(context, address, context.new_page())
        found.listen()
        visits.append(found)
        return found

    yield start
    complaints = [complaint for each in visits for complaint in each.complaints]
    for each in visits:
        each.context.close()
    assert complaints == []

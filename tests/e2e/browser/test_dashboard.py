"""What people do with the dashboard, from signing in to the nightly run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from siprems_backend.extensions.database import database
from siprems_backend.models import user_queries
from siprems_backend.models.replenishment_parameters import ReplenishmentParameters
from siprems_backend.models.suppliers import Supplier
from siprems_backend.routes import session_cookies
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests.e2e.browser.conftest import Visits
from tests.e2e.browser.judging import hindrances
from tests.e2e.browser.shops import OWNER, PASSWORD, VIEWER, Shop

WIDTHS = {"wide": 1440, "phone": 390}
PAGES = (
    "",
    "products",
    "tasks",
    "tasks?view=scheduled",
    "tasks?view=history",
    "tasks?view=workers",
    "data",
    "data?view=calendar",
    "data?view=promotions",
    "data?view=connections",
    "settings",
    "settings?view=api_keys",
    "settings?view=ordering",
    "settings?view=schedules",
    "settings?view=messages",
    "settings?view=people",
    "nowhere",
)


def owner() -> Principal:
    with database.reading() as session:
        user = user_queries.by_email(session, OWNER)
    assert user is not None
    return Principal(user.id, user.email, Role.ADMIN)


def test_signing_in_and_out(visit: Visits) -> None:
    browser = visit(None)
    page = browser.page
    page.goto(f"{browser.address}/")
    expect(page).to_have_url(re.compile("/app/sign-in"))
    page.fill("#email", OWNER)
    page.fill("#password", "wrong")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
    # The answer to a wrong password is 401, which browsers call an error.
    browser.complaints.clear()
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="Morning")).to_be_visible()
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/app/sign-in"))
    page.goto(f"{browser.address}/app/products")
    expect(page).to_have_url(re.compile("/app/sign-in"))


def test_the_riskiest_product_and_why(visit: Visits, shop: Shop) -> None:
    page = visit().open("")
    page.get_by_role("link", name="Products").first.click()
    expect(page.get_by_role("heading", name="Products")).to_be_visible()
    rows = page.locator(".ag-center-cols-container .ag-row")
    expect(rows.first.locator(".risk-text")).to_have_text("> 97 %")
    page.get_by_placeholder("Search name or SKU").fill(shop.search)
    expect(page.locator(".count")).to_have_text("1 product")
    page.get_by_role("link", name=shop.product).click()
    expect(page.get_by_role("heading", name=shop.product)).to_be_visible()
    expect(page.locator("#product-chart .recharts-line")).to_have_count(2)
    expect(page.get_by_text("What the forecast is made of")).to_be_visible()
    expect(page.locator("#product-content")).to_contain_text("Saturday")


def test_training_a_product_with_a_live_bar(visit: Visits, shop: Shop) -> None:
    page = visit().open(f"products/{shop.sku}")
    page.get_by_role("button", name="Train now").click()
    bar = page.locator("#product-work-bar")
    expect(bar.get_by_text(f"Train a product · {shop.sku}")).to_be_visible()
    expect(bar.get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator("#product-versions")).to_contain_text("Serves")


def test_a_nightly_run_is_watched_to_its_end(visit: Visits) -> None:
    page = visit().open("tasks")
    page.get_by_role("button", name="Train all products now").click()
    expect(page).to_have_url(re.compile(r"/app/tasks/[0-9a-f-]{36}"))
    expect(page.locator("#task-state")).to_contain_text("Done", timeout=90_000)
    expect(page.locator("#task-family")).to_contain_text("parts")
    expect(page.locator("#task-outcome")).to_contain_text("total products")


def test_cancelling_and_trying_again(visit: Visits) -> None:
    arguments = {"tool_name": "sales_export", "parameters": {}}
    task = task_registry.submit(TaskKind.RUN_TOOL, arguments, owner=owner())
    page = visit().open("tasks")
    row = page.get_by_role("listitem").filter(has_text="sales_export")
    cancel = row.get_by_role("button", name=re.compile("Cancel"))
    # The list is made anew several times meanwhile: neither the focus nor a slow press may be lost.
    cancel.focus()
    page.wait_for_timeout(700)
    expect(cancel).to_be_focused()
    cancel.click(delay=700)
    expect(page.get_by_text("The task was cancelled.")).to_be_visible()
    expect(row).to_have_count(0)
    page.goto(f"{page.url}/{task.task_id}")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#task-state")).to_contain_text("Waiting")
    expect(page.get_by_text("Repeats")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#task-state")).to_contain_text("Cancelled")


def test_terms_of_ordering_are_said_of_shop_category_and_supplier(visit: Visits, shop: Shop) -> None:
    page = visit().open("settings?view=ordering")
    saved = page.get_by_text("Saved; the plan is made anew.").last
    lead, level = page.get_by_label("Lead time, days"), page.get_by_label("Service level")
    level.fill("98")
    page.get_by_role("button", name="Save").click()
    expect(saved).to_be_visible()
    page.locator("#ordering-scope").click()
    page.get_by_role("option", name=shop.category).click()
    # What the shop says stands in the field faintly.
    expect(level).to_have_attribute("placeholder", "98")
    lead.fill("5")
    page.get_by_role("button", name="Save").click()
    expect(lead).to_have_value("5")
    page.get_by_label("Name").fill("Mill & Sons")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Mill & Sons was added: say how it delivers.")).to_be_visible()
    expect(level).to_have_count(0)
    lead.fill("2.5")
    page.get_by_role("button", name="Save").click()
    page.reload()
    expect(level).to_have_value("98 %")
    with database.reading() as session:
        (supplier,) = session.scalars(select(Supplier).where(Supplier.name == "Mill & Sons"))
        said = {row.category: row for row in session.scalars(select(ReplenishmentParameters))}
    assert supplier.lead_time_days == 2.5
    assert said[shop.category].lead_time_days == 5
    assert said[None].service_level == 0.98


def test_a_file_with_mistakes_is_reported_by_line(visit: Visits, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    rows = ("2026-01-05", "3"), ("yesterday", "2"), ("2026-01-06", "many")
    file.write_text("date,sku,quantity\n" + "".join(f"{day},{shop.sku},{sold}\n" for day, sold in rows))
    page = visit().open("data")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Drop a file here").click()
    chooser.value.set_files(file)
    expect(page.locator("#import-work-bar").get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="till.csv").click()
    expect(page.get_by_text("2 rejected rows")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("yesterday")
    with page.expect_download() as download:
        page.get_by_role("link", name="All of them as CSV").click()
    assert "yesterday" in Path(download.value.path()).read_text()


def test_an_event_comes_and_goes(visit: Visits) -> None:
    page = visit().open("data?view=calendar")
    page.get_by_role("button", name="Add", exact=True).first.click()
    expect(page.get_by_text("Name: write something of at most 200 characters.")).to_be_visible()
    page.get_by_label("Name").fill("Street party <b>")
    page.get_by_role("button", name="Add", exact=True).first.click()
    entry = page.locator(".calendar-entry").filter(has_text="Street party <b>")
    expect(entry).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    entry.get_by_role("button").click()
    expect(entry).to_have_count(0)


def test_language_and_colours_are_remembered(visit: Visits) -> None:
    page = visit().open("tasks")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitem", name="Bahasa Indonesia").click()
    expect(page.get_by_role("heading", name="Tugas")).to_be_visible()
    page.get_by_role("button", name="Warna").click()
    page.get_by_role("menuitem", name="Gelap").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.get_by_role("heading", name="Tugas")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "id")


def test_two_people_at_once_see_what_they_may(visit: Visits) -> None:
    mine, theirs = visit(OWNER).open("settings"), visit(VIEWER).open("settings")
    expect(mine.get_by_role("tab", name="People")).to_be_visible()
    expect(theirs.get_by_role("tab", name="People")).to_have_count(0)
    theirs.goto(theirs.url.replace("settings", "tasks"))
    expect(theirs.get_by_role("tab", name="Active")).to_be_visible()
    expect(theirs.get_by_role("tab", name="Workers and queues")).to_have_count(0)
    expect(theirs.get_by_role("button", name="Train all products now")).to_have_count(0)


def test_a_session_goes_on_after_its_token_ended(visit: Visits) -> None:
    browser = visit()
    page = browser.open("tasks?view=scheduled")
    browser.context.clear_cookies(name=session_cookies.ACCESS)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_label("State").first).to_be_visible()
    # The refused call before the renewal is one that browsers call an error.
    browser.complaints[:] = [told for told in browser.complaints if "401" not in told]


def test_the_keyboard_reaches_the_content(visit: Visits) -> None:
    page = visit().open("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_stands_in_anybodys_way(visit: Visits, shop: Shop, width: int, dark: bool) -> None:
    paths = (*PAGES, f"products/{shop.sku}")
    assert hindrances(visit(OWNER, width, dark=dark), paths, width) == {}

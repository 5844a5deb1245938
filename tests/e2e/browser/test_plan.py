"""From the riskiest product to its delivery, as a shopkeeper goes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from siprems_backend.services.replenishment import orders
from siprems_backend.utils.pagination import PageRequest
from tests.e2e.browser.conftest import Visits
from tests.e2e.browser.judging import hindrances
from tests.e2e.browser.shops import OWNER, VIEWER, Shop


def _type(cell: Locator, text: str) -> None:
    cell.click()
    cell.page.keyboard.type(text)
    cell.page.keyboard.press("Enter")


def _first_row(page: Page) -> Locator:
    row = page.locator("#plan-grid .ag-center-cols-container .ag-row[row-index='0']")
    expect(row.locator(".order-cell")).to_be_visible()
    return row


def test_from_the_riskiest_product_to_its_delivery(visit: Visits, tmp_path: Path) -> None:
    page = visit().open("")
    riskiest = page.locator(".urgent tbody tr").first.locator("a")
    name = riskiest.inner_text()
    riskiest.click()
    expect(page.locator("h1")).to_have_text(name)
    page.get_by_role("link", name="Open it in the plan").click()

    row = _first_row(page)
    expect(row.locator(".cell-link")).to_have_text(name)
    expect(row.locator(".cell-reason")).to_contain_text(re.compile("order .+"))
    proposed = row.locator(".order-cell b").inner_text()
    _type(row.locator("[col-id=recommended]"), "12")
    expect(row.locator(".order-cell .cell-note")).to_have_text(f"proposed {proposed}")
    _type(row.locator("[col-id=mine]"), "A wedding")
    expect(row.locator("[col-id=mine]")).to_have_text("A wedding")
    wished = row.locator(".order-cell b").inner_text()
    # What was typed is still there for who looks at something else in between.
    row.locator(".cell-link").click()
    expect(page.locator("h1")).to_have_text(name)
    page.get_by_role("link", name="Open it in the plan").click()
    page.reload()
    row = _first_row(page)
    expect(row.locator(".order-cell b")).to_have_text(wished)
    expect(row.locator("[col-id=mine]")).to_have_text("A wedding")

    row.get_by_role("checkbox").check()
    expect(page.locator("#plan-order")).to_have_text("Order 1 chosen")
    page.locator("#plan-order").click()
    page.locator("#plan-result a").click()
    expect(page.locator("h1")).to_contain_text("Draft")
    line = page.locator("#order-grid .ag-center-cols-container .ag-row")
    expect(line.locator("[col-id=quantity]")).to_have_text(wished)
    expect(line.locator("[col-id=reason]")).to_have_text("A wedding")

    page.get_by_role("button", name="Mark as sent").click()
    expect(page.locator("h1")).to_contain_text("On its way")
    _type(line.locator("[col-id=arriving]"), "5")
    expect(line.locator("[col-id=arriving]")).to_have_text("5")
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("h1")).to_contain_text("Partly received")
    expect(line.locator("[col-id=received]")).to_have_text("5")

    page.get_by_role("link", name="All orders").click()
    expect(page.locator("#orders-list")).to_contain_text("Partly received")
    page.get_by_role("tab", name="To order").click()
    _first_row(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    saved = tmp_path / "plan.csv"
    download.value.save_as(saved)
    assert saved.read_text("utf-8-sig").startswith("sku,")


def test_who_ordered_in_between_is_told_of(visit: Visits, shop: Shop) -> None:
    first, second = (visit().open(f"plan?search={shop.many}") for _ in range(2))
    for page in (first, second):
        _first_row(page).get_by_role("checkbox").check()
        expect(page.locator("#plan-order")).to_have_text("Order 1 chosen")
    before = orders.listing(PageRequest(), status="open").total
    first.locator("#plan-order").click()
    expect(first.locator("#plan-result a")).to_be_visible()
    second.locator("#plan-order").click()
    expect(second.get_by_text("changed since you looked")).to_be_visible()
    assert orders.listing(PageRequest(), status="open").total == before + 1


def test_a_viewer_looks_only(visit: Visits) -> None:
    page = visit(VIEWER).open("plan")
    row = _first_row(page)
    assert page.locator("#plan-order, #plan-refresh").count() == 0
    assert row.get_by_role("checkbox").count() == 0
    row.locator("[col-id=recommended]").click()
    assert page.locator(".ag-cell-inline-editing").count() == 0


def test_a_budget_buys_the_best_and_refreshing_is_watched(visit: Visits) -> None:
    page = visit().open("plan")
    _first_row(page)
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#plan-budget-words")).to_have_text(re.compile(r"Buys \d+ lines? for .+ earns about"))
    page.get_by_role("button", name="Refresh plan").click()
    expect(page.locator("#plan-work-bar")).to_contain_text("Done", timeout=30_000)


def test_the_morning_fits_a_laptop(visit: Visits) -> None:
    page = visit(OWNER, 1366).open("")
    page.set_viewport_size({"width": 1366, "height": 768})
    bottoms = page.locator(".urgent, .pairs, .alerts").evaluate_all(
        "boxes => boxes.map(box => box.getBoundingClientRect().bottom)"
    )
    assert bottoms
    assert max(bottoms) <= 768


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, False), (1440, True), (390, True)])
def test_nothing_stands_in_anybodys_way(visit: Visits, width: int, dark: bool) -> None:
    found = orders.listing(PageRequest(1, 1)).items
    paths = ["", "plan", "plan?view=orders", *(f"plan/orders/{order.id}" for order in found)]
    assert hindrances(visit(OWNER, width, dark=dark), paths, width) == {}

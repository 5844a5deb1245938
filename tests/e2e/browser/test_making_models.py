"""What analysts do in the playground and with trainings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Visits
from tests.e2e.browser.judging import hindrances
from tests.e2e.browser.shops import OWNER, VIEWER

DONE_WITHIN_MS = 60_000
VIEWS = ("", "?view=datasets", "?view=nodes", "?view=workflows", "?view=models")


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A table with numbers, texts and empty cells."""
    random = np.random.default_rng(1)
    lines = ["area,age,city,price"]
    for place in range(400):
        area, age, city = (
            random.normal(110, 25),
            random.integers(0, 60),
            random.choice(["Bandung", "Jakarta"]),
        )
        price = 3 * area - age + (80 if city == "Jakarta" else 0) + random.normal(0, 10)
        lines.append(f"{'' if place % 40 == 0 else round(area, 1)},{age},{city},{price:.1f}")
    file = tmp_path / "houses.csv"
    file.write_text("\n".join(lines))
    return file


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list of a form, as the keyboard does."""
    field = page.get_by_role("textbox", name=label).or_(page.get_by_role("combobox", name=label)).first
    field.click()
    page.get_by_role("option", name=option, exact=True).click()


def add(page: Page, step: str, count: int) -> None:
    """Add a step after the chosen one."""
    field = page.locator("#step-add")
    field.click()
    field.fill(step)
    page.get_by_role("option", name=step, exact=True).click()
    expect(page.locator(".step")).to_have_count(count)
    expect(page.locator(".form-title")).to_have_text(f"{count}. {step}")


def test_from_a_file_to_a_model_with_a_refresh_in_the_middle(visit: Visits, houses: Path) -> None:
    page = visit().open("playground?view=datasets")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Drop a file here").click()
    chooser.value.set_files(houses)
    page.get_by_role("link", name="houses.csv").click()
    expect(page.locator(".column-card")).to_have_count(4, timeout=DONE_WITHIN_MS)
    expect(page.locator(".column-card").first).to_contain_text("2.5 % empty")
    page.get_by_role("link", name="Use in a pipeline").click()
    expect(page.locator(".step")).to_have_count(1)

    add(page, "Missing values", 2)
    expect(page.locator(".step.wrong")).to_contain_text("Still needed: How.")
    choose(page, "How", "median")
    add(page, "Encoding", 3)
    choose(page, "Method", "one_hot")
    add(page, "Split", 4)
    choose(page, "Target", "price")
    add(page, "Linear regression", 5)
    expect(page.locator(".step.wrong")).to_have_count(0)
    page.get_by_label("Name of the pipeline").fill("Prices of houses")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#run-panel .bar")).to_be_visible()
    expect(page).to_have_url(re.compile("task=[0-9a-f-]{36}"))
    page.reload()
    expect(page.locator(".node-counter")).to_contain_text("5/5", timeout=DONE_WITHIN_MS)
    expect(page.locator(".result")).to_have_count(5)
    expect(page.locator(".result").last).to_contain_text("R², test rows")
    expect(page.locator(".step")).to_have_count(5)
    expect(page.get_by_label("Name of the pipeline")).to_have_value("Prices of houses")

    page.get_by_role("button", name="Save as workflow").click()
    expect(page.get_by_text("Workflow, version 1")).to_be_visible()
    page.get_by_role("tab", name="Workflows").click()
    page.get_by_role("link", name="Prices of houses").click()
    page.get_by_role("button", name="Schedule").click()
    expect(page.locator("#workflow-schedules")).to_contain_text("0 4 * * *")

    page.get_by_role("link", name="Workflows").first.click()
    page.get_by_role("tab", name="Models").click()
    choose(page, "Data set", "houses.csv")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#apply-result")).to_contain_text("400 rows were predicted", timeout=DONE_WITHIN_MS)


def test_a_template_that_fails_says_so_at_its_step(visit: Visits) -> None:
    page = visit().open("playground")
    page.get_by_role("button", name="Price sensitivity").click()
    expect(page.locator(".step")).to_have_count(9)
    page.get_by_role("button", name="Remove: Missing values").click()
    page.get_by_role("button", name="Remove: Transform").click()
    page.get_by_role("button", name="Remove: Encoding").click()
    page.get_by_role("button", name="Choose columns").first.click()
    page.get_by_role("button", name="Remove: Choose columns").click()
    expect(page.locator(".step")).to_have_count(5)
    page.get_by_role("button", name="Run", exact=True).click()
    failed = page.locator(".result").filter(has_text="Failed")
    expect(failed).to_contain_text("Linear regression", timeout=DONE_WITHIN_MS)
    expect(failed.locator(".mantine-Alert-root")).to_contain_text("encode them, or drop them")
    expect(page.locator(".result").filter(has_text="Not begun")).to_have_count(1)


def test_lightgbm_with_a_live_curve(visit: Visits) -> None:
    page = visit().open("training")
    expect(page.get_by_role("radio", name="PyTorch")).to_be_visible()
    page.get_by_label("Epochs").fill("60")
    page.get_by_label("Cut-offs").fill("1")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#training-panel .bar")).to_be_visible()
    expect(page.locator("#loss-chart .recharts-line")).to_have_count(2, timeout=DONE_WITHIN_MS)
    expect(page.locator("#training-outcome")).to_contain_text("Champion", timeout=3 * DONE_WITHIN_MS)
    expect(page.locator("#training-outcome")).to_contain_text("Prophet, adaptive")
    expect(page.locator("#training-versions")).to_contain_text("LightGBM 1")


def test_others_do_not_see_it(visit: Visits) -> None:
    page = visit(VIEWER).open("")
    expect(page.get_by_role("link", name="Playground")).to_have_count(0)
    page.goto(page.url + "playground")
    expect(page.get_by_text("Nothing here")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)], ids=["wide", "dark phone"])
def test_models_stand_in_nobodys_way(visit: Visits, width: int, dark: bool) -> None:
    paths = ("training", *(f"playground{view}" for view in VIEWS))
    assert hindrances(visit(OWNER, width, dark=dark), paths, width) == {}

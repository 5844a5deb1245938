"""Every page and view is made without an error, with a shop and without one, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from siprems_backend.dashboard.language.choice import LANGUAGE_COOKIE, ZONE_COOKIE
from siprems_backend.extensions.database import Database
from siprems_backend.services import task_registry
from siprems_backend.services.task_registry import TaskKind
from siprems_backend.utils.roles import Role
from tests import factories
from tests.dashboard.calling import browser

VIEWS = {
    "": (),
    "products": (),
    "products/A%2FB%20%C3%BC": (),
    "tasks": ("active", "scheduled", "history", "workers"),
    "data": ("imports", "calendar", "promotions", "connections"),
    "settings": ("account", "api_keys", "ordering", "schedules", "messages", "people"),
}
ADDRESSES = [path for path, views in VIEWS.items() if not views] + [
    f"{path}?view={view}" for path, views in VIEWS.items() for view in views
]
FAILED = {"en": "That did not work", "id": "Itu tidak berhasil"}


@pytest.mark.parametrize("language", sorted(FAILED))
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_every_view_is_made(app: Flask, database: Database, language: str, role: Role) -> None:
    product = factories.make_product(database, "A/B ü", name="<b>Bread</b>", category="Bread")
    factories.sell(database, product, factories.weekly_demand(40), until=dt.date(2026, 6, 30))
    owner = factories.make_principal(database)
    task = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=owner).task_id
    client = browser(app, role)
    client.set_cookie(LANGUAGE_COOKIE, language, path="/app")
    client.set_cookie(ZONE_COOKIE, "Asia%2FJakarta", path="/app")
    for address in [*ADDRESSES, f"tasks/{task}"] if role is Role.ADMIN else ADDRESSES:
        shown = client.get("/app/_dash-layout", headers={"X-Page-Path": f"/app/{address}"})
        assert shown.status_code == 200, address
        assert FAILED[language] not in shown.get_data(as_text=True), address


def test_a_shop_without_anything_says_what_to_do_first(app: Flask, database: Database) -> None:
    client = browser(app, Role.ADMIN)
    for address in ADDRESSES:
        shown = client.get("/app/_dash-layout", headers={"X-Page-Path": f"/app/{address}"})
        if not address.startswith("products/"):
            assert FAILED["en"] not in shown.get_data(as_text=True), address
    first = client.get("/app/_dash-layout", headers={"X-Page-Path": "/app/"}).get_data(as_text=True)
    assert "Bring in your sales first" in first


@pytest.mark.parametrize(
    "address", ["nowhere", "tasks/not-an-id", "data/imports/x", "../etc/passwd", "products/%00"]
)
def test_what_is_not_there_is_told(app: Flask, database: Database, address: str) -> None:
    shown = browser(app, Role.ADMIN).get("/app/_dash-layout", headers={"X-Page-Path": f"/app/{address}"})
    assert shown.status_code == 200
    assert "Something went wrong" not in shown.get_data(as_text=True)


def test_a_task_of_somebody_else_is_not_shown(app: Flask, database: Database) -> None:
    task = task_registry.submit(TaskKind.TRAIN_ALL, {}, owner=factories.make_principal(database)).task_id
    shown = browser(app, Role.ANALYST).get("/app/_dash-layout", headers={"X-Page-Path": f"/app/tasks/{task}"})
    assert "There is no such task" in shown.get_data(as_text=True)


def test_the_browser_is_told_its_address_so_that_it_does_not_ask_again(
    app: Flask, database: Database
) -> None:
    """Dash asks for another page when the address is new to it, even where the page has just come."""
    here = {"X-Page-Path": "/app/products/A%2FB%20%C3%BC?view=x"}
    shown = browser(app, Role.VIEWER).get("/app/_dash-layout", headers=here).get_json()
    [url] = [each["props"] for each in shown["props"]["children"] if each["type"] == "Location"]
    assert (url["pathname"], url["search"]) == ("/app/products/A%2FB%20%C3%BC", "?view=x")


def test_grids_ask_for_one_block_after_the_other(app: Flask, database: Database) -> None:
    """Of two requests at once their Dash component answers only the last."""
    factories.make_product(database, "BRD-001")
    here = {"X-Page-Path": "/app/products"}
    shown = browser(app, Role.VIEWER).get("/app/_dash-layout", headers=here).get_data(as_text=True)
    assert shown.count('"rowModelType":"infinite"') == 1
    assert shown.count('"maxConcurrentDatasourceRequests":1') == 1

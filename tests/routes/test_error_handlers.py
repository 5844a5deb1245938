"""What a client reads that asked for what there is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from siprems_backend.routes import schemas
from siprems_backend.utils.roles import Role


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/v1/nothing", 404, "There is no path /api/v1/nothing; /docs shows those there are."),
        ("DELETE", "/predict", 405, "/predict does not take DELETE; it takes OPTIONS, POST."),
    ],
)
def test_paths_and_methods_that_there_are_not(
    client: FlaskClient, method: str, path: str, status: int, message: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.get_json()["message"]) == (status, message)


@pytest.mark.parametrize("body", [[], [1], "text", 5])
def test_bodies_are_objects(as_role: Callable[[Role], FlaskClient], body: object) -> None:
    answer = as_role(Role.ANALYST).post("/predict", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["message"] == "json: Must be an object, with names and values in braces."


def test_several_fields_are_one_sentence(as_role: Callable[[Role], FlaskClient]) -> None:
    answer = as_role(Role.ANALYST).post("/predict", json={"product_sku": "A", "days": "x", "quantiles": 7})
    assert (
        answer.get_json()["message"] == "json.days: Not a valid integer; json.quantiles: Not a valid boolean."
    )


@pytest.mark.parametrize("days", [0, -1, 366])
def test_limits_are_told_in_a_sentence(as_role: Callable[[Role], FlaskClient], days: int) -> None:
    answer = as_role(Role.ANALYST).post("/predict", json={"product_sku": "A", "days": days})
    assert (answer.status_code, answer.get_json()["message"]) == (
        422,
        "json.days: Must be between 1 and 365.",
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/products?page_size=201", "query.page_size: Must be between 1 and 200."),
        ("/products?page=0", "query.page: Must be between 1 and 1000000000."),
        ("/tasks?page_size=0", "query.page_size: Must be between 1 and 200."),
    ],
)
def test_so_are_those_of_queries(as_role: Callable[[Role], FlaskClient], path: str, message: str) -> None:
    answer = as_role(Role.ANALYST).get(path)
    assert (answer.status_code, answer.get_json()["message"]) == (422, message)


def test_and_those_of_dates_and_amounts(as_role: Callable[[Role], FlaskClient]) -> None:
    admin = as_role(Role.ADMIN)
    event = admin.post("/events", json={"name": "Fair", "date": "1800-01-01"})
    assert event.get_json()["message"] == "json.date: Must be between 1900-01-01 and 2100-12-31."
    product = admin.post("/products", json={"sku": "A", "name": "A", "price": -1})
    assert product.get_json()["message"] == "json.price: Must be between 0 and 100000000."


def test_every_schema_tells_its_limits_so() -> None:
    folder = Path(schemas.__file__).parent
    others = [
        path.name for path in folder.glob("*.py") if "validate.Range(" in path.read_text(encoding="utf-8")
    ]
    assert others == []

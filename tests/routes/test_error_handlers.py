"""What a client reads that asked for what there is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

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

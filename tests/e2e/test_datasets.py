"""A table in, its profile out: with a real worker."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from siprems_backend.services.datasets import uploads
from siprems_backend.utils.roles import Role
from tests.e2e.conftest import wait_until

PATH = "/api/v1/datasets"


def test_a_dataset_is_made_profiled_and_deleted(
    worker: Path, as_role: Callable[[Role], FlaskClient], monkeypatch: Any
) -> None:
    # However long this machine takes: the answer is the dataset.
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 60.0)
    client = as_role(Role.ANALYST)
    table = io.BytesIO(b"city,price\nRoma,1.5\nWien,2.5\nOslo,\n")
    response = client.post(PATH, data={"file": (table, "houses.csv"), "name": "Houses"})
    assert response.status_code == 201, response.text
    made = response.get_json()
    assert (made["name"], made["rows"], len(made["columns"])) == ("Houses", 3, 2)
    url = f"{PATH}/{made['dataset_id']}"

    def profile() -> dict[str, Any] | None:
        answer = client.get(f"{url}/profile")
        assert answer.status_code in {200, 202}, answer.text
        return answer.get_json() if answer.status_code == 200 else None

    found = wait_until(profile, "the profile")
    assert isinstance(found, dict)
    assert found["columns"][1]["quantiles"]["0.5"] == 2.0
    wait_until(lambda: client.delete(url).status_code == 204, "the task's end")
    assert client.get(url).status_code == 404

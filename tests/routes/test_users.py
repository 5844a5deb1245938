"""Accounts of others over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.utils.roles import Role
from tests.services.accounts import make_account

USERS = "/api/v1/users"


@pytest.fixture
def admin(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    """An administrator, who is user 1."""
    return as_role(Role.ADMIN)


def test_listing(admin: FlaskClient) -> None:
    for number in range(3):
        make_account(f"clerk{number}@example.com", Role.CLERK)
    page = admin.get(f"{USERS}?role=clerk&search=clerk&is_active=true&page=2&page_size=2").json
    assert (page["total"], page["page"], page["page_size"]) == (3, 2, 2)
    assert [user["email"] for user in page["items"]] == ["clerk2@example.com"]
    assert "password_hash" not in str(page)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "page_size=201", "page_size=-1", "role=god", "is_active=maybe", "search=%00"],
)
def test_bad_queries(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"{USERS}?{query}").status_code == 422


def test_a_role_change_acts_on_the_next_request(
    admin: FlaskClient, as_role: Callable[[Role], FlaskClient]
) -> None:
    clerk = as_role(Role.CLERK)
    user_id = clerk.get("/auth/profile").json["id"]
    assert clerk.get(USERS).status_code == 403
    assert admin.patch(f"{USERS}/{user_id}", json={"role": "admin"}).json["role"] == "admin"
    assert clerk.get(USERS).status_code == 200
    assert admin.patch(f"{USERS}/{user_id}", json={"is_active": False}).json["is_active"] is False
    assert clerk.get(USERS).json["error"]["code"] == "account_deactivated"
    assert admin.get(f"{USERS}/{user_id}").json["role"] == "admin"


def test_the_last_admin(admin: FlaskClient) -> None:
    for body in ({"role": "viewer"}, {"is_active": False}):
        response = admin.patch(f"{USERS}/1", json=body)
        assert (response.status_code, response.json["error"]["code"]) == (409, "last_admin")


@pytest.mark.parametrize(
    "body", [{}, [], None, {"role": "god"}, {"role": None}, {"is_active": None}, {"email": "x@example.com"}]
)
def test_bad_changes(admin: FlaskClient, body: Any) -> None:
    assert admin.patch(f"{USERS}/1", json=body).status_code == 422


@pytest.mark.parametrize("user_id", ["999", "9" * 40])
def test_nobody(admin: FlaskClient, user_id: str) -> None:
    for response in (
        admin.get(f"{USERS}/{user_id}"),
        admin.patch(f"{USERS}/{user_id}", json={"role": "viewer"}),
    ):
        assert (response.status_code, response.json["error"]["code"]) == (404, "user_not_found")


@pytest.mark.parametrize("user_id", ["-1", "x", "1.5", "%00"])
def test_what_is_no_id(admin: FlaskClient, user_id: str) -> None:
    assert admin.get(f"{USERS}/{user_id}").status_code == 404

"""The same request under the same key is served once."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from siprems_backend.extensions.database import Database
from siprems_backend.models.idempotency import IdempotentAnswer
from siprems_backend.models.sales import Transaction
from siprems_backend.routes.idempotent import fingerprint
from siprems_backend.services import idempotency
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.factories import make_product, make_user

SALE = {"product_sku": "A", "quantity": 1}
KEY = {"Idempotency-Key": "5f3c"}


@pytest.fixture
def clerk(as_role: Callable[[Role], FlaskClient], database: Database) -> FlaskClient:
    make_product(database, "A", stock=100)
    return as_role(Role.CLERK)


def sales(database: Database) -> int:
    with database.reading() as session:
        return len(session.execute(select(Transaction.id)).all())


def remember(database: Database, **values: Any) -> None:
    """Change what is known about all keys."""
    with database.transaction() as session:
        session.execute(update(IdempotentAnswer).values(**values))


def test_the_first_answer_is_given_again(clerk: FlaskClient, database: Database) -> None:
    first = clerk.post("/api/v1/transactions", json=SALE, headers=KEY)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    for path in ("/api/v1/transactions", "/transactions"):
        again = clerk.post(path, json=SALE, headers=KEY)
        assert (again.status_code, again.data, again.mimetype) == (201, first.data, first.mimetype)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert sales(database) == 1


def test_without_a_key_everything_is_new(clerk: FlaskClient, database: Database) -> None:
    for _ in range(2):
        assert clerk.post("/transactions", json=SALE).status_code == 201
    assert sales(database) == 2


def test_another_request_needs_another_key(clerk: FlaskClient, database: Database) -> None:
    clerk.post("/transactions", json=SALE, headers=KEY)
    for path, body in (
        ("/transactions", SALE | {"quantity": 2}),
        ("/transactions/checkout", SALE),
        ("/transactions?x=1", SALE),
    ):
        answer = clerk.post(path, json=body, headers=KEY)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "idempotency_key_reused")
    assert sales(database) == 1


def test_keys_belong_to_their_user(
    clerk: FlaskClient, database: Database, as_role: Callable[[Role], FlaskClient]
) -> None:
    clerk.post("/transactions", json=SALE, headers=KEY)
    assert as_role(Role.CLERK).post("/transactions", json=SALE, headers=KEY).status_code == 201
    assert sales(database) == 2


def test_refusals_are_answers_too(clerk: FlaskClient, database: Database) -> None:
    for body, status in ((SALE | {"quantity": 1000}, 409), ({"quantity": "x"}, 422)):
        headers = {"Idempotency-Key": f"refused-{status}"}
        first = clerk.post("/transactions", json=body, headers=headers)
        again = clerk.post("/transactions", json=body, headers=headers)
        assert (first.status_code, again.status_code, again.data) == (status, status, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"


def test_who_may_not_sell_uses_up_no_key(as_role: Callable[[Role], FlaskClient], database: Database) -> None:
    assert as_role(Role.VIEWER).post("/transactions", json=SALE, headers=KEY).status_code == 403
    with database.reading() as session:
        assert session.execute(select(IdempotentAnswer)).first() is None


def test_while_the_first_is_served_the_second_is_told_to_wait(clerk: FlaskClient, database: Database) -> None:
    clerk.post("/transactions", json=SALE, headers=KEY)
    remember(database, status=None)
    answer = clerk.post("/transactions", json=SALE, headers=KEY)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "request_in_progress")


def test_an_abandoned_claim_is_taken_over(clerk: FlaskClient, database: Database) -> None:
    clerk.post("/transactions", json=SALE, headers=KEY)
    remember(database, status=None, created_at=clock.now() - dt.timedelta(seconds=61))
    other = clerk.post("/transactions", json=SALE | {"quantity": 2}, headers=KEY)
    assert other.json["error"]["code"] == "idempotency_key_reused"
    assert clerk.post("/transactions", json=SALE, headers=KEY).status_code == 201
    assert sales(database) == 2
    assert clerk.post("/transactions", json=SALE, headers=KEY).headers["Idempotency-Replayed"] == "true"


def test_a_failure_on_our_side_frees_the_key(clerk: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("ALTER TABLE daily_sales RENAME TO daily_sales_away"))
    try:
        failed = clerk.post("/transactions", json=SALE, headers=KEY)
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE daily_sales_away RENAME TO daily_sales"))
    assert (failed.status_code, failed.json["error"]["code"]) == (500, "internal_error")
    again = clerk.post("/transactions", json=SALE, headers=KEY)
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers
    assert sales(database) == 1


def test_keys_are_forgotten_after_a_day(clerk: FlaskClient, database: Database) -> None:
    clerk.post("/transactions", json=SALE, headers=KEY)
    assert idempotency.forget_old() == 0
    remember(database, created_at=clock.now() - dt.timedelta(hours=25))
    answer = clerk.post("/transactions", json=SALE | {"quantity": 2}, headers=KEY)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    remember(database, created_at=clock.now() - dt.timedelta(hours=25))
    assert idempotency.forget_old() == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "ü"])
def test_malformed_keys_are_refused(clerk: FlaskClient, database: Database, key: str) -> None:
    answer = clerk.post("/transactions", json=SALE, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_idempotency_key")
    assert sales(database) == 0


def test_of_many_at_once_one_is_served(app: Flask, clerk: FlaskClient, database: Database) -> None:
    def send(_number: int) -> tuple[int, bool]:
        own = app.test_client()
        own.environ_base.update(clerk.environ_base)
        answer = own.post("/transactions", json=SALE, headers=KEY)
        return answer.status_code, "Idempotency-Replayed" in answer.headers

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(send, range(10)))
    assert outcomes.count((201, False)) == 1
    assert set(outcomes) <= {(201, False), (201, True), (409, False)}
    assert sales(database) == 1


def test_products_events_and_checkouts_honour_keys(as_role: Callable[[Role], FlaskClient]) -> None:
    analyst = as_role(Role.ANALYST)
    for number, (path, body) in enumerate(
        [
            ("/products", {"sku": "B", "stock": 5}),
            ("/events", {"name": "Fair", "date": "2024-01-01"}),
            ("/events/country-holidays", {"country": "DE", "years": [2024]}),
            ("/transactions/checkout", {"items": [{"product_sku": "B", "quantity": 1}]}),
        ]
    ):
        headers = {"Idempotency-Key": f"key-{number}"}
        first = analyst.post(path, json=body, headers=headers)
        again = analyst.post(path, json=body, headers=headers)
        assert first.status_code in (200, 201), first.json
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"


def test_who_was_overtaken_changes_nothing(database: Database) -> None:
    user = make_user(database)
    slow = idempotency.claim(user.id, "k", "hash")
    remember(database, created_at=clock.now() - dt.timedelta(seconds=61))
    fast = idempotency.claim(user.id, "k", "hash")
    answer = idempotency.Answer(201, '{"escaped": "\\u0000"}', "application/json", "/there")
    idempotency.keep(fast, answer)
    idempotency.keep(slow, idempotency.Answer(201, "{}", "application/json"))
    idempotency.release(slow)
    assert idempotency.claim(user.id, "k", "hash").answer == answer


def test_an_upload_is_known_by_its_parts(app: Flask) -> None:
    def asked(content: bytes, boundary: str, name: str = "a.csv") -> str:
        lines = [
            f"--{boundary}",
            f'Content-Disposition: form-data; name="file"; filename="{name}"',
            "Content-Type: text/csv",
            "",
            content.decode(),
            f"--{boundary}--",
            "",
        ]
        with app.test_request_context(
            "/transactions",
            method="POST",
            input_stream=io.BytesIO("\r\n".join(lines).encode()),
            content_length=len("\r\n".join(lines).encode()),
            content_type=f"multipart/form-data; boundary={boundary}",
        ):
            return fingerprint()

    assert asked(b"x", "one") == asked(b"x", "two")
    assert asked(b"x", "one") != asked(b"y", "one")
    assert asked(b"x", "one") != asked(b"x", "one", "b.csv")


def test_the_header_is_documented(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    creating = ("products", "events", "events/country-holidays", "transactions", "transactions/checkout")
    submitting = ("predict/async", "predict/batch", "imports", "tasks/training/all", "tasks/{task_id}/retry")
    for path in (*creating, *submitting):
        names = [parameter["name"] for parameter in paths[f"/api/v1/{path}"]["post"]["parameters"]]
        assert "Idempotency-Key" in names

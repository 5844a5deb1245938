"""/metrics: who may read it, and what every request leaves there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siprems_backend.config import get_settings
from siprems_backend.services import metrics
from siprems_backend.utils.roles import Role
from tests import factories
from tests.away import servers_away
from tests.metrics import Samples, counted, parse, value

TOKEN = "a token for monitoring"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """METRICS_TOKEN is set, and nothing is remembered of earlier tests."""
    with monkeypatch.context() as patch:
        patch.setenv("METRICS_TOKEN", TOKEN)
        get_settings.cache_clear()
        metrics._registry.cache_clear()
        yield
    get_settings.cache_clear()
    metrics._registry.cache_clear()


def read(client: FlaskClient) -> Samples:
    answer = client.get("/metrics", headers=WITH_TOKEN)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def test_closed_without_the_setting(client: FlaskClient, as_role: Callable[[Role], FlaskClient]) -> None:
    for caller in (client, as_role(Role.ADMIN)):
        assert caller.get("/metrics").status_code == 404
        assert caller.get("/metrics", headers=WITH_TOKEN).status_code == 404
        assert caller.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer ü",
    ],
)
def test_only_the_token_opens(opened: None, client: FlaskClient, given: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.get_json()["error"]["code"] == "metrics_token_invalid"
    assert TOKEN not in answer.text


def test_no_signed_in_user_may_read(opened: None, as_role: Callable[[Role], FlaskClient]) -> None:
    assert as_role(Role.ADMIN).get("/metrics").status_code == 401


def test_a_key_does_not_help(opened: None, client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"X-API-Key": TOKEN}).status_code == 401


def test_the_scheme_has_no_case(opened: None, client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200


def test_both_formats(opened: None, client: FlaskClient) -> None:
    plain = client.get("/metrics", headers=WITH_TOKEN)
    assert plain.content_type.startswith("text/plain; version=")
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    modern = client.get("/metrics", headers={**WITH_TOKEN, "Accept": accept})
    assert modern.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert modern.text.endswith("# EOF\n")
    assert modern.headers["Cache-Control"] == "no-store"


def test_requests_are_counted_by_template(
    opened: None, app: Flask, as_role: Callable[[Role], FlaskClient]
) -> None:
    client = as_role(Role.VIEWER)
    template = "/api/v1/products/<sku:sku>"
    labels = {"method": "GET", "route": template, "status": "404"}
    before = counted("siprems_http_requests_total", **labels)
    for path in ("/products/a%2Fb", "/api/v1/products/%F0%9F%A5%90", "/products/x"):
        assert client.get(path).status_code == 404
    samples = read(client)
    assert value(samples, "siprems_http_requests_total", **labels) == before + 3
    routes = {dict(labels)["route"] for name, labels in samples if name == "siprems_http_requests_total"}
    assert routes <= {rule.rule for rule in app.url_map.iter_rules()} | {"unmatched"}
    assert not any("a/b" in route or "%" in route for route in routes)
    seconds = value(samples, "siprems_http_request_seconds_count", method="GET", route=template)
    assert seconds is not None
    assert seconds >= 3


def test_labels_stay_few_whatever_is_asked(opened: None, client: FlaskClient) -> None:
    def series() -> set[object]:
        return {key for key in read(client) if key[0].startswith("siprems_http_")}

    def ask() -> None:
        client.open(f"/{uuid4()}", method="GET")
        client.open("/metrics", method=f"X{uuid4().hex[:6]}")
        client.open("/\x00..%2f", method="PROPFIND")

    ask()
    known = series()
    for _ in range(5):
        ask()
    assert series() == known
    assert counted("siprems_http_requests_total", method="other", route="unmatched", status="404")


def test_failures_and_progress(opened: None, app: Flask, client: FlaskClient) -> None:
    before = counted("siprems_http_requests_in_progress", method="GET")
    with servers_away():
        refused = client.get("/health/ready").status_code
    assert refused == 503
    assert counted("siprems_http_requests_in_progress", method="GET") == before
    assert counted("siprems_http_requests_total", method="GET", route="/health/ready", status="503")
    samples = read(client)
    # The request that asks is one of them.
    assert value(samples, "siprems_http_requests_in_progress", method="GET") == before + 1


def test_it_answers_when_everything_is_away(opened: None, client: FlaskClient) -> None:
    with servers_away():
        samples = read(client)
    assert value(samples, "siprems_database_up") == 0
    assert value(samples, "siprems_broker_up") == 0
    assert not any(name == "siprems_queue_tasks" for name, _ in samples)
    assert any(name == "siprems_build_info" for name, _ in samples)


def test_it_is_not_limited(opened: None, client: FlaskClient) -> None:
    assert {client.get("/metrics", headers=WITH_TOKEN).status_code for _ in range(120)} == {200}


def test_connections_are_told(opened: None, client: FlaskClient) -> None:
    factories.make_product(factories.database, "X")
    samples = read(client)
    opened_now = value(samples, "siprems_database_connections", state="open")
    assert opened_now is not None
    assert opened_now >= 1
    limit = value(samples, "siprems_database_connections", state="limit")
    assert limit == 2 * get_settings().db_pool_size

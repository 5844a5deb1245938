"""Events over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from siprems_backend.utils.roles import Role

API = "/api/v1/events"
FAIR = {"name": "Kieler Woche", "date": "2024-06-22"}


@pytest.fixture
def analyst(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ANALYST)


def test_an_event_lives_a_whole_life(analyst: FlaskClient) -> None:
    answer = analyst.post(API, json=FAIR)
    assert answer.status_code == 201
    event = answer.json
    assert event | {"id": 0, "created_at": ""} == {
        **FAIR,
        "id": 0,
        "type": "event",
        "description": None,
        "country": None,
        "include_in_prediction": True,
        "created_at": "",
    }
    one = f"/events/{event['id']}"
    assert analyst.get(one).json == event
    full = {
        **FAIR,
        "type": "festival",
        "description": "Sails",
        "country": "DE",
        "include_in_prediction": False,
    }
    assert analyst.put(one, json=full).json == event | full
    assert analyst.put(one, json=FAIR).json == event
    removed = analyst.delete(one)
    assert (removed.status_code, removed.data) == (204, b"")
    assert analyst.get(one).status_code == 404
    assert analyst.put(one, json=FAIR).json["error"]["code"] == "event_not_found"
    assert analyst.delete(one).status_code == 404


def test_a_name_is_taken_once_a_day(analyst: FlaskClient) -> None:
    first = analyst.post(API, json=FAIR).json
    again = analyst.post(API, json={**FAIR, "type": "closure"})
    assert (again.status_code, again.json["error"]["code"]) == (409, "event_exists")
    other = analyst.post(API, json={**FAIR, "date": "2025-06-21"}).json
    moved = analyst.put(f"{API}/{other['id']}", json=FAIR)
    assert (moved.status_code, moved.json["error"]["code"]) == (409, "event_exists")
    assert analyst.get(f"{API}/{other['id']}").json == other
    assert analyst.put(f"{API}/{first['id']}", json=FAIR).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("date", "x"),
        ("date", "0001-01-01"),
        ("date", "9999-12-31"),
        ("date", None),
        ("type", ""),
        ("type", "x" * 41),
        ("country", "x" * 9),
        ("description", "x" * 1001),
        ("include_in_prediction", "perhaps"),
        ("colour", "red"),
    ],
)
def test_fields_that_make_no_sense_are_named(analyst: FlaskClient, field: str, value: Any) -> None:
    answer = analyst.post(API, json={**FAIR, field: value})
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]["json"]


def test_lists_are_filtered_and_sorted(analyst: FlaskClient) -> None:
    rows = [
        {"name": "Fair_1", "date": "2024-03-01", "type": "festival", "country": "DE"},
        {"name": "Closed", "date": "2024-01-01", "type": "closure", "include_in_prediction": False},
        {"name": "100% off", "date": "2024-02-01", "type": "promotion"},
    ]
    for row in rows:
        assert analyst.post(API, json=row).status_code == 201

    def names(**query: str) -> list[str]:
        answer = analyst.get(API, query_string=query)
        assert answer.status_code == 200, answer.json
        return [event["name"] for event in answer.json["items"]]

    assert names() == ["Closed", "100% off", "Fair_1"]
    assert names(sort="-date") == ["Fair_1", "100% off", "Closed"]
    assert names(type="closure") == ["Closed"]
    assert names(country="DE") == ["Fair_1"]
    assert names(include_in_prediction="false") == ["Closed"]
    assert names(search="FAIR") == ["Fair_1"]
    assert names(search="%") == ["100% off"]
    assert names(date_from="2024-02-01", date_to="2024-02-28") == ["100% off"]


@pytest.mark.parametrize(
    "query", ["sort=colour", "date_from=2024-02-01&date_to=2024-01-01", "kind=x", "page=0"]
)
def test_queries_that_make_no_sense_are_refused(analyst: FlaskClient, query: str) -> None:
    assert analyst.get(f"{API}?{query}").status_code == 422


@pytest.mark.parametrize("event_id", ["0", str(2**63), "9" * 40, "x"])
def test_events_that_are_not_there_are_not_found(analyst: FlaskClient, event_id: str) -> None:
    assert analyst.get(f"{API}/{event_id}").status_code == 404


def test_holidays_of_a_country_become_events_once(analyst: FlaskClient) -> None:
    wanted = {"country": "de", "years": [2025, 2024, 2025]}
    first = analyst.post(f"{API}/country-holidays", json=wanted)
    assert first.status_code == 200
    assert first.json == {
        "country": "DE",
        "subdivision": None,
        "years": [2024, 2025],
        "created": 18,
        "unchanged": 0,
    }
    unity = analyst.get(API, query_string={"date_from": "2024-10-03", "date_to": "2024-10-03"}).json["items"]
    assert [(event["type"], event["country"], event["include_in_prediction"]) for event in unity] == [
        ("holiday", "DE", True)
    ]
    changed = {"name": unity[0]["name"], "date": "2024-10-03", "include_in_prediction": False}
    assert analyst.put(f"{API}/{unity[0]['id']}", json=changed).status_code == 200
    again = analyst.post("/events/country-holidays", json={"country": "DEU", "years": [2024, 2025]}).json
    assert (again["created"], again["unchanged"]) == (0, 18)
    assert analyst.get(f"{API}/{unity[0]['id']}").json["include_in_prediction"] is False


def test_a_part_of_a_country_has_its_own_holidays(analyst: FlaskClient) -> None:
    wanted = {"country": "DE", "years": [2024], "subdivision": "SH"}
    assert analyst.post(f"{API}/country-holidays", json=wanted).json["created"] == 10
    reformation = analyst.get(f"{API}?date_from=2024-10-31&date_to=2024-10-31").json["items"]
    assert [event["country"] for event in reformation] == ["DE-SH"]
    long = {"country": "BR", "years": [2024], "subdivision": "São Paulo Capital"}
    assert analyst.post(f"{API}/country-holidays", json=long).status_code in (200, 422)


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({"country": "GERMANY", "years": [2024]}, "country", "Longer|at most 3"),
        ({"country": "DX", "years": [2024]}, "country", "Did you mean"),
        ({"country": "DE", "years": [2024], "subdivision": "S-H"}, "subdivision", "Did you mean .*SH"),
        ({"country": "DE", "years": []}, "years", "Length"),
        ({"country": "DE", "years": [2000] * 11}, "years", "Length"),
        ({"country": "DE", "years": [1989]}, "years", "1990"),
        ({"country": "DE", "years": [2101]}, "years", "2100"),
        ({"country": "DE", "years": ["x"]}, "years", "integer"),
        ({"country": "DE", "years": 2024}, "years", "list"),
        ({"country": "DE"}, "years", "required"),
    ],
)
def test_holidays_nobody_knows_are_refused_with_a_hint(
    analyst: FlaskClient, body: dict[str, Any], field: str, hint: str
) -> None:
    answer = analyst.post(f"{API}/country-holidays", json=body)
    assert answer.status_code == 422
    assert field in answer.json["message"]
    assert re.search(hint, answer.json["message"])
    assert analyst.get(API).json["total"] == 0


def test_changing_events_takes_an_analyst(as_role: Callable[[Role], FlaskClient]) -> None:
    clerk = as_role(Role.CLERK)
    assert clerk.get(API).status_code == 200
    assert clerk.post(API, json=FAIR).status_code == 403
    assert clerk.put(f"{API}/1", json=FAIR).status_code == 403
    assert clerk.delete(f"{API}/1").status_code == 403
    assert clerk.post(f"{API}/country-holidays", json={}).status_code == 403

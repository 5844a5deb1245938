"""The worked pipelines of the guide run as they stand, and find what the shop was made with."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from siprems_backend.extensions.database import Database
from siprems_backend.models.sales import DailySales
from tests import factories
from tests.engine.pipelines.houses import GUIDE
from tests.routes.test_pipelines import API, analyst, patient, worker

__all__ = ["analyst", "patient", "worker"]
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pipelines.md").read_text()
FIRST = dt.date(2025, 8, 1)
DAYS = 330
ELASTICITY, UPLIFT = -1.6, 1.8


def blocks(heading: str) -> list[dict[str, Any]]:
    """The JSON of a section of the guide."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n### ")[0]
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]


def sales(product_id: int, quantity: Any, price: Any, promo: Any) -> list[DailySales]:
    return [
        DailySales(
            product_id=product_id,
            date=FIRST + dt.timedelta(days=day),
            quantity=float(quantity[day]),
            revenue=float(quantity[day] * price[day]),
            promo=bool(promo[day]),
        )
        for day in range(DAYS)
        if quantity[day]
    ]


@pytest.fixture
def shop(database: Database) -> None:
    """Bread that sells by price, weekday and promotion, and spare parts that hardly sell."""
    random = np.random.default_rng(3)
    day = np.arange(DAYS)
    week = np.array([0.9, 0.9, 1.0, 1.0, 1.2, 1.4, 0.8])[day % 7]
    rows: list[DailySales] = []
    for number, level in enumerate((400, 150, 60), start=1):
        bread = factories.make_product(database, f"BRD-{number:03d}", category="Bread", price=2)
        price = 2.0 * np.exp(0.15 * np.repeat(random.normal(size=DAYS // 10), 10))
        promo = random.random(DAYS) < 0.15
        mean = level * week * (price / 2) ** ELASTICITY * np.where(promo, UPLIFT, 1.0)
        rows += sales(bread.id, random.poisson(mean), price, promo)
    for number in range(6):
        part = factories.make_product(database, f"PRT-{number}", category="Spare parts", price=30)
        # They sell on Fridays only, if at all.
        sold = random.poisson(0.9, DAYS) * (day % 7 == 0)
        rows += sales(part.id, np.minimum(sold, 2), np.full(DAYS, 30.0), np.zeros(DAYS))
    with database.transaction() as session:
        session.add_all(rows)


def run(client: FlaskClient, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"{API}/ml/pipeline/run", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


def output_of(answer: dict[str, Any], node_type: str) -> dict[str, Any]:
    (found,) = [result["output"] for result in answer["results"] if result["node_type"] == node_type]
    return dict(found)


def predictions(client: FlaskClient, model_id: str, rows: dict[str, Any]) -> list[float]:
    response = client.post(f"{API}/ml/models/{model_id}/predict", json=rows)
    assert response.status_code == 200, response.text
    return list(response.get_json()["predictions"])


def test_the_demand_class_of_slow_movers(analyst: FlaskClient, shop: None, worker: None) -> None:
    (body,) = blocks("Demand class of slow movers")
    answer = run(analyst, body)
    told = output_of(answer, "confusion_matrix")
    assert told["labels"][:2] == [0.0, 1.0]
    # Most days sell nothing, which the weekday tells.
    assert told["matrix"][0][0] > 0.95 * sum(told["matrix"][0])
    assert output_of(answer, "random_forest")["metrics"]["accuracy"] > 0.8
    (file,) = answer["output_files"]
    assert file["name"] == "demand-class.csv"
    rows = list(csv.DictReader(io.StringIO(analyst.get(file["url"]).get_data(as_text=True))))
    assert {row["part"] for row in rows} == {"train", "test"}


def test_the_price_sensitivity(analyst: FlaskClient, shop: None, worker: None) -> None:
    body, rows = blocks("Price sensitivity")
    model = output_of(run(analyst, body), "linear_regression")
    cheap, dear = predictions(analyst, model["model_id"], rows)
    assert np.log(dear / cheap) / np.log(2.2 / 2.0) == pytest.approx(ELASTICITY, abs=0.25)


def test_the_promotion_uplift(analyst: FlaskClient, shop: None, worker: None) -> None:
    body, rows = blocks("Promotion uplift")
    answer = run(analyst, body)
    plain, promoted = predictions(analyst, output_of(answer, "gradient_boosting")["model_id"], rows)
    assert promoted / plain == pytest.approx(UPLIFT, abs=0.35)
    importances = output_of(answer, "permutation_importance")["importances"]
    assert {each["feature"]: each["mean"] for each in importances}["promo"] > 0.02


def test_the_body_of_the_specification_is_that_of_the_guide() -> None:
    section = PAGE.split("## Over HTTP\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    body = json.loads(block)
    body["pipeline"][0]["input"]["dataset_id"] = "houses"
    assert body == GUIDE

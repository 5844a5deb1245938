"""Whoever reads nothing but the catalogue and the document can write bodies that are taken."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from siprems_backend.services.pipelines import waiting
from tests.engine.pipelines.houses import houses
from tests.routes.test_pipelines import API, analyst, guide, impatient, patient, upload, worker

__all__ = ["analyst", "impatient", "patient", "worker"]


def least(schema: dict[str, Any], columns: list[str], name: str = "") -> Any:
    """The smallest value that a JSON Schema allows; names of columns where it asks for texts."""
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        return {each: least(schema["properties"][each], columns, each) for each in wanted}
    if kind == "array":
        return [least(schema["items"], columns, name)] * schema.get("minItems", 0)
    if kind == "integer":
        return schema.get("minimum", 1)
    if kind == "number":
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 0.5)
    if schema.get("pattern") == "^[A-Z]{2,3}$":
        return "TR"
    return columns[0]


def catalogue(client: FlaskClient) -> dict[str, dict[str, Any]]:
    answer = client.get(f"{API}/ml/nodes?page_size=200").get_json()
    assert answer["total"] == len(answer["items"])
    return {entry["node_type"]: entry for entry in answer["items"]}


def before(entry: dict[str, Any], dataset_id: str) -> list[dict[str, Any]]:
    """Nodes that hand on what an entry takes, as the catalogue tells it."""
    source = {"node_type": "dataset", "id": "rows", "input": {"dataset_id": dataset_id}}
    numbers = {"node_type": "columns", "id": "numbers", "input": {"keep": ["age", "price"]}}
    split = {"node_type": "split", "id": "split", "input": {"target": "price"}}
    model = {"node_type": "linear_regression", "id": "model"}
    if entry["category"] == "source":
        return []
    if entry["inputs"] == ["left", "right"]:
        return [source, {**source, "id": "others"}]
    if entry["inputs"] == ["model"]:
        return [source, numbers, split, model]
    if entry["category"] == "model":
        return [source, numbers, split]
    return [source]


def test_a_body_made_of_each_schema_is_taken(analyst: FlaskClient, worker: None, monkeypatch: Any) -> None:
    dated = houses(40).assign(day="2026-01-31").to_csv(index=False).encode()
    dataset_id = upload(analyst, dated)
    monkeypatch.setattr(waiting, "patience_seconds", lambda: 0.01)
    refused = {}
    for name, entry in catalogue(analyst).items():
        columns = {"split": ["price"], "calendar": ["day"], "holidays": ["day"]}.get(name, ["age"])
        parameters = least(entry["parameters"], columns)
        if "dataset_id" in parameters:
            parameters["dataset_id"] = dataset_id
        Draft202012Validator(entry["parameters"]).validate(parameters)
        node: dict[str, Any] = {"node_type": name, "input": parameters}
        if entry["inputs"] == ["left", "right"]:
            node["inputs"] = ["rows", "others"]
        nodes = [*before(entry, dataset_id), node]
        if name == "feature_selection":
            nodes.append({"node_type": "split", "input": {"target": "price"}})
        response = analyst.post(f"{API}/ml/pipeline/run-async", json={"pipeline": nodes})
        if response.status_code != 202:
            refused[name] = response.get_json()["error"]
    # What no schema can say is said by the answer: a confusion matrix needs classes, which only rows tell.
    assert refused == {}


@pytest.mark.parametrize(
    "path",
    ["pipeline/run", "pipeline/run-async", "nodes/run", "nodes/run-async", "models/{model_id}/predict"],
)
def test_the_document_has_examples_that_fit_their_schemas(analyst: FlaskClient, path: str) -> None:
    document = analyst.get("/openapi.json").get_json()
    content = document["paths"][f"{API}/ml/{path}"]["post"]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    examples = [each["value"] for each in content.get("examples", {}).values()] or [content["example"]]
    for example in examples:
        Draft202012Validator(schema).validate(example)


def test_the_first_example_runs_with_a_dataset_in_its_place(
    analyst: FlaskClient, worker: None, monkeypatch: Any
) -> None:
    dataset_id = upload(analyst)
    document = analyst.get("/openapi.json").get_json()
    content = document["paths"][f"{API}/ml/pipeline/run"]["post"]["requestBody"]["content"]
    body = content["application/json"]["examples"]["houses"]["value"]
    body["pipeline"][0]["input"]["dataset_id"] = dataset_id
    assert body == guide(dataset_id)
    answer = analyst.post(f"{API}/ml/pipeline/run", json=body).get_json()
    assert answer["success"] is True

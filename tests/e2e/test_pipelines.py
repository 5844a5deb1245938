"""A pipeline through a real worker: run, followed, cancelled in the middle of a fit, and its model asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from flask.testing import FlaskClient

from siprems_backend.services.datasets import uploads
from siprems_backend.services.pipelines import waiting
from siprems_backend.utils.roles import Role
from tests.e2e.conftest import wait_until
from tests.engine.pipelines.houses import houses, node
from tests.routes.test_pipelines import API, guide, upload


def test_a_pipeline_is_run_followed_and_cancelled(
    worker: Path, as_role: Callable[[Role], FlaskClient], monkeypatch: Any
) -> None:
    # However long this machine takes: the answers are results.
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(waiting, "patience_seconds", lambda: 90.0)
    client = as_role(Role.ANALYST)
    answer = client.post(f"{API}/ml/pipeline/run", json=guide(upload(client))).get_json()
    assert [result["status"] for result in answer["results"]] == ["success"] * 7
    logs = client.get(f"{API}/tasks/{answer['task_id']}/logs").get_json()["logs"]
    lines = [line["message"] for line in logs]
    for result in answer["results"]:
        assert any(f"Executing node: {result['node_type']}" in line for line in lines)
    model_id = answer["results"][-1]["output"]["model_id"]
    rows = {"rows": houses(3).drop(columns="price").fillna(100.0).to_dict("records")}
    predicted = client.post(f"{API}/ml/models/{model_id}/predict", json=rows).get_json()
    assert len(predicted["predictions"]) == 3

    random = np.random.default_rng(1)
    wide = pd.DataFrame(random.normal(size=(100_000, 6)), columns=list("abcdef"))
    content = io.BytesIO()
    wide.assign(price=random.normal(size=len(wide))).to_parquet(content, index=False)
    nodes = [
        node("dataset", dataset_id=upload(client, content.getvalue())),
        node("split", target="price"),
        node("random_forest", n_estimators=2000),
    ]
    task = client.post(f"{API}/ml/pipeline/run-async", json={"pipeline": nodes}).get_json()

    def progress() -> dict[str, Any]:
        return dict(client.get(task["status_url"]).get_json()["progress"] or {})

    wait_until(lambda: progress().get("node_type") == "random_forest", "the fit")
    assert progress()["status"] == "Executing node: random_forest"
    assert (progress()["current_node"], progress()["total_nodes"]) == (3, 3)
    client.post(task["cancel_url"])
    wait_until(lambda: client.get(task["status_url"]).get_json()["status"] == "REVOKED", "the end")
    assert client.get(f"{API}/ml/models").get_json()["total"] == 1

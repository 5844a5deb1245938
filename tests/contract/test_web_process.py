"""What a web process loads to serve: none of what models are trained or commands are run with."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from siprems_backend.dashboard.pages import PAGES, playground
from siprems_backend.dashboard.paths import path_to
from siprems_backend.extensions.database import Database
from siprems_backend.services import datasets, training
from siprems_backend.services.datasets import uploads
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils.roles import Role
from tests import factories

HEAVY = [
    "pandas",
    "prophet",
    "cmdstanpy",
    "matplotlib",
    "scipy",
    "numba",
    "llvmlite",
    "lightgbm",
    "xgboost",
    "torch",
    "tensorflow",
    "keras",
    "sklearn",
    "skops",
    "pyarrow",
    "python_calamine",
    "alembic",
]
# What operators' commands print and invent shops with.
COMMANDS_ONLY = ["rich.progress", "siprems_backend.cli.demo", "siprems_engine.synthetic"]
SCRIPT = """
import io, json, sys
import siprems_backend.gunicorn_conf
from siprems_backend.wsgi import app

client = app.test_client()
client.environ_base["HTTP_AUTHORIZATION"] = sys.argv[1]
answer = client.post("/predict", json={"product_sku": "BRD-001"})
assert answer.get_json()["engine"] == sys.argv[2], answer.data
assert client.get("/health/ready").status_code == 200
if sys.argv[2] == "auto":
    assert client.post("/predict", json={"product_sku": "BRD-001", "days": 365, "quantiles": True}).is_json
    assert client.get("/products/BRD-001/forecast/components").status_code == 200
assert client.post("/predict/async", json={"product_sku": "BRD-001"}).status_code == 202
import siprems_backend.services.datasets.uploads as uploads
uploads.PATIENCE_SECONDS = 0.01
sent = client.post("/api/v1/datasets", data={"file": (io.BytesIO(b"a,b\\n1,2\\n"), "table.csv")})
assert sent.status_code == 202, sent.data
assert client.get(sent.get_json()["dataset_url"]).status_code == 200
for part in ("preview", "profile"):
    assert client.get(f"/api/v1/datasets/{sys.argv[4]}/{part}").status_code in (200, 202)
for page in json.loads(sys.argv[5]):
    shown = client.get("/app/_dash-layout", headers={"X-Page-Path": page})
    assert shown.status_code == 200, shown.data
assert client.get("/app/").status_code == 200
nodes = [{"node_type": "dataset", "input": {"dataset_id": sys.argv[4]}}, {"node_type": "profile"}]
saved = client.post("/api/v1/workflows", json={"name": sys.argv[2], "pipeline": nodes})
assert saved.status_code == 201, saved.data
config = {"workflow_id": saved.get_json()["id"], "inputs": {"dataset_id": sys.argv[4]}}
for path in (f"workflow/{config['workflow_id']}/execute", f"workflow/{config['workflow_id']}/validate"):
    assert client.post(f"/tasks/{path}", json={"inputs": config["inputs"]}).status_code == 202
assert client.post("/tasks/workflows/bulk-execute", json={"workflow_configs": [config]}).status_code == 202
import siprems_backend.services.pipelines.waiting as waiting
waiting.patience_seconds = lambda: 0.01
assert client.get("/api/v1/ml/nodes").status_code == 200
nodes = [
    {"node_type": "dataset", "input": {"dataset_id": sys.argv[4]}},
    {"node_type": "scaling"},
    {"node_type": "split", "input": {"target": "a"}},
    {"node_type": "linear_regression"},
]
for path in ("run", "run-async"):
    sent = client.post(f"/api/v1/ml/pipeline/{path}", json={"pipeline": nodes})
    assert sent.status_code == 202, sent.data
assert client.post("/api/v1/ml/pipeline/run", json={"pipeline": nodes[1:]}).status_code == 422
assert client.post("/api/v1/ml/nodes/run", json={**nodes[1], "dataset_id": sys.argv[4]}).status_code == 202
assert client.get("/api/v1/ml/models").status_code == 200
print(json.dumps([name for name in json.loads(sys.argv[3]) if name in sys.modules]))
"""


@pytest.mark.parametrize(("days", "engine"), [(450, "prophet"), (70, "window-average"), (450, "auto")])
def test_serving_loads_nothing_that_trains(
    as_role: Callable[[Role], FlaskClient],
    database: Database,
    models_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    engine: str,
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.01)
    product = factories.make_product(database, "BRD-001")
    factories.sell(database, product, factories.weekly_demand(days), until=dt.date(2026, 6, 30))
    training.train_product("BRD-001")
    if engine == "auto":
        runs.forecast_here()
    analyst = as_role(Role.ANALYST)
    token = analyst.environ_base["HTTP_AUTHORIZATION"]
    table = {"file": (io.BytesIO(b"a,b\n1,2\n"), "table.csv")}
    dataset_id = analyst.post("/api/v1/datasets", data=table).get_json()["dataset_id"]
    datasets.convert(UUID(dataset_id))
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT,
            token,
            engine,
            json.dumps(HEAVY + COMMANDS_ONLY),
            dataset_id,
            _pages(dataset_id),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == []


def _pages(dataset_id: str) -> str:
    """The address of every page and view, with something in the place of what it asks for."""
    unknown = "00000000-0000-4000-8000-000000000000"
    samples = {"sku": "BRD-001", "dataset_id": dataset_id, "order_id": "1"}
    pages = [
        path_to(*re.sub(r"<(\w+)>", lambda found: samples.get(found[1], unknown), page.path).split("/"))
        for page in PAGES
    ]
    views = [path_to("playground", view=view) for view in playground.VIEWS]
    views.append(path_to("plan", view="orders"))
    return json.dumps([*pages, *views, path_to("playground", dataset=dataset_id)])

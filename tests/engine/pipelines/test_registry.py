"""The catalogue of nodes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from siprems_engine.pipelines.frames import CALENDAR_PARTS, FUNCTIONS
from siprems_engine.pipelines.nodes.calendar import PARTS
from siprems_engine.pipelines.registry import catalogue, registry
from siprems_engine.pipelines.reshaping import FrameNode
from tests.engine.pipelines.houses import GUIDE

PROJECT = Path(__file__).resolve().parents[3]
HEAVY = ("pandas", "sklearn", "scipy", "skops", "pyarrow")
SCRIPT = f"""
import sys
from siprems_engine.pipelines import catalogue, check
class Sources:
    def columns(self, node_type, parameters): return ["x"]
assert len(catalogue()) > 20
check({{"pipeline": [{{"node_type": "dataset", "input": {{"dataset_id": "d"}}}}]}}, Sources())
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_reading_the_catalogue_and_checking_a_pipeline_load_nothing_heavy() -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    assert told.stdout.strip() == "[]"


def test_the_nodes_of_the_specification_are_there() -> None:
    named = """upload_file dataset sales_history forecast validate profile missing_values encoding transform
        scaling lags rolling calendar holidays feature_selection split linear_regression logistic_regression
        decision_tree random_forest gradient_boosting k_means metrics confusion_matrix residuals
        permutation_importance predictions export join columns"""
    assert sorted(named.split()) == sorted(registry())


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry["node_type"])
def test_an_entry_is_plain_data_with_a_sound_schema(entry: dict[str, object]) -> None:
    assert json.loads(json.dumps(entry)) == entry
    schema = entry["parameters"]
    Draft202012Validator.check_schema(schema)
    for spec in schema["properties"].values():
        assert spec["description"].endswith(".")
        if "default" in spec:
            Draft202012Validator(spec).validate(spec["default"])


def test_nodes_name_functions_and_parts_that_exist() -> None:
    frame_nodes = [node for node in registry().values() if isinstance(node, FrameNode)]
    assert len(frame_nodes) >= 5
    assert {node.function for node in frame_nodes} <= set(FUNCTIONS)
    assert set(PARTS) == set(CALENDAR_PARTS)


def test_the_guide_has_every_node_in_its_category_and_every_method() -> None:
    text = (PROJECT / "docs" / "pipelines.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (`.*) \|$", text, re.MULTILINE))
    assert set(rows) == {entry["category"] for entry in catalogue()}
    for entry in catalogue():
        words = set(re.findall(r"`(\w+)`", rows[entry["category"]]))
        properties = entry["parameters"]["properties"]
        methods = {
            *properties.get("method", {}).get("enum", ()),
            *properties.get("strategy", {}).get("enum", ()),
        }
        assert {entry["node_type"], *methods} <= words


def test_the_pipeline_of_the_guide_is_the_tested_one() -> None:
    text = (PROJECT / "docs" / "pipelines.md").read_text()
    block = re.search(r"^body = (\{.*?^\})", text, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert ast.literal_eval(block[1]) == GUIDE

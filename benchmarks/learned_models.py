"""All types of learned models trained by one call on the sales of real shops, with progress as it comes.

    .venv/bin/python -m benchmarks.learned_models FOLDER... [--products 500] [--epochs 150] [--folds 3]

A FOLDER has `sales.csv` (or `.csv.gz`) and perhaps `products.csv`; of larger shops the products that sell
most are taken. Days with `is_promo` are planned promotions if most days of a product have a row, so that the
flag does not tell what will sell. Each set is imported into an empty instance with a worker of two processes,
then `POST /train/all/async` is followed to its end. Prints progress, a table of metrics by type, and the
figures of every engine at the same cut-offs. PyTorch and TensorFlow are trained where they are installed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.instance import Api, empty_instance

TERMINAL = {"SUCCESS", "FAILURE", "REVOKED"}
LOOK_EVERY_SECONDS = 2.0
TELL_EVERY_SECONDS = 10.0
METRICS = ("train_r2", "test_r2", "train_rmse", "test_rmse", "final_loss")
FIGURES = ("wape", "bias", "rmsse", "mase", "pinball", "coverage_80", "coverage_95")
# Rows on so many of a product's days: the file has rows of days without a sale as well.
COMPLETE = 0.9


def main() -> None:
    """Measure every set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--folds", type=int, default=3)
    given = parser.parse_args()
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as scratch, empty_instance() as (api, environment):
            files = prepared(folder, given.products, Path(scratch))
            for kind, path in files.items():
                command = [sys.executable, "-P", "-m", "siprems_local", "import", str(path), "--kind", kind]
                subprocess.run(
                    command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
                )
            print(f"\n# {folder.name}", flush=True)
            show(trained(api, {"epochs": given.epochs, "folds": given.folds}))


def prepared(folder: Path, most: int, scratch: Path) -> dict[str, Path]:
    """Files to import, by kind, of the products that sell most."""
    sales = pd.read_csv(next(folder.glob("sales.csv*")), dtype={"sku": str})
    best = sales.groupby("sku")["quantity"].sum().nlargest(most).index
    sales = sales[sales["sku"].isin(best)]
    files = {}
    catalogue = folder / "products.csv"
    if catalogue.exists():
        products = pd.read_csv(catalogue, dtype={"sku": str})
        files["products"] = scratch / "products.csv"
        products[products["sku"].isin(best)].to_csv(files["products"], index=False)
    files["sales"] = scratch / "sales.csv"
    sales.to_csv(files["sales"], index=False)
    days = sales.groupby("sku")["date"].agg(["nunique", "min", "max"])
    span = (pd.to_datetime(days["max"]) - pd.to_datetime(days["min"])).dt.days + 1
    if "is_promo" in sales and (days["nunique"] / span).median() > COMPLETE:
        files["promotions"] = scratch / "promotions.csv"
        sales.loc[sales["is_promo"] > 0, ["sku", "date"]].to_csv(files["promotions"], index=False)
    return files


def trained(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    """Train all types, say how far they are, and return the result."""
    began, told = time.monotonic(), 0.0
    task_id = api.call("POST", "/train/all/async", body)["task_id"]
    while (task := api.call("GET", f"/tasks/{task_id}/status"))["status"] not in TERMINAL:
        if time.monotonic() - told >= TELL_EVERY_SECONDS:
            told = time.monotonic()
            tell(api, task_id, told - began)
        time.sleep(LOOK_EVERY_SECONDS)
    print(f"{time.monotonic() - began:6.0f} s {task['status']}: {task['message']}", flush=True)
    return dict(task["result"])


def tell(api: Api, task_id: str, seconds: float) -> None:
    """Say what every part is doing."""
    for part in api.call("GET", f"/api/v1/tasks/{task_id}/children")["items"]:
        if part["status"] not in TERMINAL and part["progress"]:
            progress, model_type = part["progress"], part["args"]["model_type"]
            losses = [
                f"{name} {progress[name]:.4f}" for name in ("loss", "validation_loss") if name in progress
            ]
            said = f"{progress['percent']:5.1f} % {progress['message']}"
            print(f"{seconds:6.0f} s {model_type:<11}{said:<45}{'  '.join(losses)}", flush=True)


def show(result: dict[str, Any]) -> None:
    """Print both tables."""
    print(f"\n| type | epochs | {' | '.join(METRICS)} | auto with it | s |")
    print("|---|" + "---|" * (len(METRICS) + 3))
    for name, model in result["models"].items():
        metrics = model["metrics"]
        if metrics is None:
            print(f"| {name} | {model['status']}: {model['message']} |")
            continue
        cells = [str(model.get("epochs", {}).get("best", "")), *(shown(metrics[each]) for each in METRICS)]
        cells += [shown(model.get("gain")), f"{model['seconds']:.0f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\n| engine | {' | '.join(FIGURES)} |\n|---|" + "---|" * len(FIGURES))
    for line in result["comparison"]:
        print(f"| {line['engine']} | {' | '.join(shown(line[each]) for each in FIGURES)} |", flush=True)


def shown(value: float | None) -> str:
    """A figure, if there is one."""
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()

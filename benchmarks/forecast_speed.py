"""A forecast of seven days with intervals from a loaded model: ours and stock Prophet on the same file."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

from siprems_engine.forecasting import ServingMeta, forecast, parse

DAYS = 7
ROUNDS = 9


def compare(folder: Path, sku: str) -> None:
    """Print CPU time of loading the file and of forecasting, side by side."""
    name = quote(sku, safe="")
    data = (folder / f"model_{name}.json").read_bytes()
    meta = ServingMeta.from_dict(orjson.loads((folder / "meta" / f"meta_{name}.json").read_bytes()))
    model = parse(data)
    ahead = model.last_day + np.arange(1, DAYS + 1)
    ours = {
        "load the file": microseconds(lambda: parse(data), 100),
        "forecast of 7 days": microseconds(lambda: forecast(model, meta, ahead), 1000),
    }
    print(f"\n{'CPU microseconds, ' + sku:32}{'stock Prophet':>15}{'ours':>8}{'ratio':>8}")
    for part, stock in stock_prophet(data, ahead).items():
        print(f"{part:32}{stock:>15.0f}{ours[part]:>8.0f}{stock / ours[part]:>8.0f}")


def stock_prophet(data: bytes, ahead: Any) -> dict[str, float]:
    """The same with Prophet alone: `model_from_json` and `predict`, its intervals included."""
    # Imported here because the measurements before this one are of processes without it.
    import pandas as pd
    from prophet.serialize import model_from_json

    text = data.decode()
    model = model_from_json(text)
    future = pd.DataFrame({"ds": ahead.astype("datetime64[ns]")})
    for regressor in model.extra_regressors:
        future[regressor] = 0.0
    return {
        "load the file": microseconds(lambda: model_from_json(text), 1),
        "forecast of 7 days": microseconds(lambda: model.predict(future), 1),
    }


def microseconds(call: Callable[[], object], calls: int) -> float:
    """CPU time of one call: the median of a few rounds."""
    call()
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(calls):
            call()
        taken.append((time.process_time() - began) / calls)
    return 1e6 * statistics.median(taken)

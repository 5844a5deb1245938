"""Models of earlier versions stay readable: the committed one, and real ones where a data folder is named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prophet.serialize import model_from_json

from siprems_engine.forecasting import LinearGrowthModel, ServingMeta, forecast, parse
from tests.engine.oracle import DATA, stored_model


def _real_models() -> list[Path]:
    """Model files of the earlier version; none unless SIPREMS_DATA names a folder that has them."""
    return sorted((Path(os.environ.get("SIPREMS_DATA", DATA)) / "legacy_models").glob("model_*.json"))


@pytest.mark.parametrize(
    "path", [DATA / "prophet_1_5_model.json", *_real_models()], ids=lambda path: path.stem
)
def test_a_stored_model_forecasts_as_stock_prophet_does(path: Path) -> None:
    model = parse(path.read_bytes())
    ds = model.start + np.arange(0, (model.last_day - model.start).astype(int) + 100)
    promo = (np.arange(len(ds)) % 5 == 0) * 1.0
    stock = model_from_json(path.read_text())
    stock.uncertainty_samples = 0
    expected = stock.predict(pd.DataFrame({"ds": ds.astype("datetime64[ns]"), "promo": promo})).yhat
    yhat = model.predict(ds, {"promo": promo}).yhat
    np.testing.assert_allclose(yhat, expected, rtol=0, atol=1e-9 * model.y_scale)


@pytest.mark.parametrize(
    "path", [DATA / "prophet_1_5_model.json", *_real_models()], ids=lambda path: path.stem
)
def test_a_stored_model_serves_what_it_always_served(path: Path) -> None:
    """Without our additions to the metadata: expm1(yhat) times the factor, and the ceiling does not bind."""
    model = parse(path.read_bytes())
    meta = path.parent / "meta" / path.name.replace("model_", "meta_")
    serving = ServingMeta.from_dict(json.loads(meta.read_text()) if meta.exists() else {})
    ds = model.last_day + np.arange(1, 15)
    served = forecast(model, serving, ds)
    plain = np.expm1(model.predict(ds, {"promo": np.zeros(14)}).yhat) * serving.correction_factor
    np.testing.assert_allclose(served.yhat, plain, rtol=1e-12)
    assert not served.bounded
    assert served.engine == "prophet"


def test_the_committed_model_gives_its_pinned_forecast() -> None:
    """The pinned numbers were computed by stock Prophet 1.5."""
    pinned = json.loads((DATA / "prophet_1_5_forecast.json").read_text())
    model: LinearGrowthModel = parse(stored_model())
    ds = np.datetime64(pinned["first_day"]) + np.arange(len(pinned["promo"]))
    prediction = model.predict(ds, {"promo": np.array(pinned["promo"])})
    np.testing.assert_allclose(prediction.yhat, pinned["yhat_log"], rtol=0, atol=1e-9)
    serving = ServingMeta.from_dict(pinned["meta"])
    assert serving.fallback is not None
    assert forecast(model, serving, ds).engine == pinned["meta"]["served_by"]

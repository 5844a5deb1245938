"""The one call of a training service."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siprems_engine.forecasting import (
    REFERENCE,
    DailyHistory,
    NotEnoughData,
    Recipe,
    ServingMeta,
    Trained,
    UnknownEngine,
    engines,
    forecast,
    parse,
    prophet_stan,
    train,
)
from siprems_engine.forecasting.fit import Fit
from tests.engine import synthetic
from tests.engine.oracle import DATA

TODAY = synthetic.END.item()


def test_the_metadata_is_complete_json(trained: Trained, history: DailyHistory) -> None:
    meta = json.loads(json.dumps(trained.meta, allow_nan=False))
    assert set(meta) == {
        *("correction_factor", "mae", "mape_percent", "accuracy_score", "training_samples", "checksum"),
        *("ceiling", "promo_share", "served_by", "served_reason", "fallback", "backtest", "data_hash"),
        *("format_version", "recipe_version", "engine", "engine_version", "step"),
    }
    assert trained.artifact is not None
    assert meta["checksum"] == hashlib.sha256(trained.artifact).hexdigest()
    assert meta["data_hash"] == history.data_hash(REFERENCE, synthetic.events())
    assert meta["served_by"] == "prophet"
    assert meta["engine"] == "prophet"
    # The in-sample figures of Prophet are no backtest.
    assert meta["backtest"] is None


def test_a_slow_mover_gets_a_model_but_is_served_by_the_average() -> None:
    trained = train(synthetic.intermittent_history(), [], None, today=TODAY)
    assert trained.artifact is not None
    assert trained.meta["served_by"] == "window-average"
    assert trained.meta["backtest"]["engine"] == "window-average"
    served = forecast(
        parse(trained.artifact), ServingMeta.from_dict(trained.meta), synthetic.END + np.arange(1, 15)
    )
    assert served.engine == "window-average"


def test_a_refit_measures_prophet_where_it_serves(history: DailyHistory) -> None:
    trained = train(history, [], None, today=TODAY, refit_backtest=True)
    assert trained.meta["backtest"]["engine"] == "prophet"


def test_planned_open_days_are_not_yet_silence(history: DailyHistory) -> None:
    open_days = history.ds[0] + np.arange(len(history.ds) + 100)
    assert train(history, [], open_days, today=TODAY).meta["served_by"] == "prophet"
    assert train(history, [], open_days).meta["served_by"] == "window-average"


def test_not_enough_data() -> None:
    history = DailyHistory(synthetic.END + np.arange(4), np.ones(4), np.zeros(4))
    with pytest.raises(NotEnoughData, match="Not enough data"):
        train(history, [], None, today=TODAY)


def test_an_unknown_engine(history: DailyHistory) -> None:
    with pytest.raises(UnknownEngine):
        train(history, [], None, "prophet-9000", today=TODAY)


def test_a_failed_fit_still_leaves_the_fallback(
    history: DailyHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine whose optimiser really fails: Stan refuses a negative prior scale."""

    def fit(rows: DailyHistory, known: object, recipe: Recipe = REFERENCE) -> Fit:
        return prophet_stan.fit(rows, [], Recipe(changepoint_prior_scale=-1.0))

    engine = engines.Engine("failing", fit, prophet_stan.engine_version)
    monkeypatch.setitem(engines.ENGINES, "failing", engine)
    trained = train(history, [], None, "failing", today=TODAY)
    assert trained.artifact is None
    assert trained.meta["served_by"] == "window-average"
    assert trained.meta["checksum"] is None
    json.dumps(trained.meta, allow_nan=False)
    served = forecast(None, ServingMeta.from_dict(trained.meta), synthetic.END + np.arange(1, 8))
    assert served.yhat.min() > 0


def _shops() -> dict[str, dict[str, DailyHistory]]:
    """A synthetic shop always, and the real bakery where SIPREMS_DATA names the folder it is in."""
    shops = {"synthetic": {str(seed): synthetic.daily_history(seed, days=900) for seed in (8, 9)}}
    path = Path(os.environ.get("SIPREMS_DATA", DATA)) / "kiel_bakery_daily" / "sales.csv"
    if path.exists():
        groups = pd.read_csv(path).groupby("sku")
        shops["bakery"] = {
            str(sku): DailyHistory.from_rows(rows.date.to_numpy(str), rows.quantity.to_numpy())
            for sku, rows in groups
        }
    return shops


@pytest.mark.parametrize("shop", _shops().values(), ids=_shops())
def test_forecasts_of_whole_shops_are_plausible(shop: dict[str, DailyHistory]) -> None:
    """Within a factor of two of the weeks before; nothing for what is out of season."""
    open_days = np.unique(np.concatenate([history.ds for history in shop.values()]))
    last = open_days[-1]
    for sku, history in shop.items():
        trained = train(history, [], open_days, today=last.item())
        assert trained.artifact is not None
        serving = ServingMeta.from_dict(trained.meta)
        served = forecast(parse(trained.artifact), serving, last + np.arange(1, 15))
        recent = history.zero_filled(open_days, last).y[-28:].mean()
        assert not served.bounded
        assert recent / 2 <= served.yhat.mean() <= recent * 2, sku

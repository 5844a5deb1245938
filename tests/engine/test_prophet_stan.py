"""Training with stock Prophet: the file, the figures, odd inputs, and no traces."""

from __future__ import annotations

import datetime
import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prophet.serialize import model_from_json, model_to_json

from siprems_engine.forecasting import DailyHistory, Event, FitFailed, Recipe, parse, prepare
from siprems_engine.forecasting.fit import Fit
from siprems_engine.forecasting.prophet_stan import event_name, fit
from tests.engine import synthetic


@pytest.fixture(scope="module")
def fitted(history: DailyHistory) -> Fit:
    return fit(history, synthetic.events())


def test_the_artifact_is_what_prophet_itself_writes(fitted: Fit) -> None:
    text = fitted.artifact.decode()
    assert model_to_json(model_from_json(text)) == text
    document = json.loads(text)
    assert document["fit_kwargs"] == {}
    assert document["interval_width"] == 0.95
    assert document["seasonality_mode"] == "multiplicative"
    assert document["changepoint_prior_scale"] == 0.05
    assert list(document["seasonalities"][0]) == ["monthly", "yearly", "weekly"]
    window = {(row["lower_window"], row["upper_window"]) for row in json.loads(document["holidays"])["data"]}
    assert window == {(-2, 1)}


def test_the_figures_are_those_of_the_reference_recipe(history: DailyHistory, fitted: Fit) -> None:
    prepared = prepare(history)
    data = pd.DataFrame({"ds": prepared.ds.astype("datetime64[ns]"), "promo": prepared.promo})
    yhat = np.expm1(model_from_json(fitted.artifact.decode()).predict(data).yhat.to_numpy())
    y = prepared.units
    mape = np.mean(np.abs(y - yhat) / y)
    assert fitted.correction_factor == pytest.approx(np.clip(np.median(y / (yhat + 1e-6)), 0.85, 1.15))
    assert fitted.mae == pytest.approx(np.mean(np.abs(y - yhat)))
    assert fitted.mape_percent == pytest.approx(100 * mape)
    assert fitted.accuracy == pytest.approx(100 * (1 - mape))
    assert fitted.training_samples == len(y)
    assert fitted.engine == "prophet-stan"


@pytest.mark.parametrize("promo", [0.0, 1.0])
@pytest.mark.parametrize("quantity", [0.0, 7.0, None])
def test_constant_sales_and_promotions_work(promo: float, quantity: float | None) -> None:
    base = synthetic.daily_history(days=120)
    y = base.y if quantity is None else np.full(len(base), quantity)
    result = fit(DailyHistory(base.ds, y, np.full(len(base), promo)), [])
    yhat = parse(result.artifact).predict(synthetic.future(base), {"promo": np.full(28, promo)}).yhat
    assert np.isfinite(yhat).all()
    assert np.isfinite([result.mae, result.mape_percent, result.accuracy]).all()
    if quantity is not None:
        np.testing.assert_allclose(np.expm1(yhat), quantity, atol=1e-9)


def test_five_rows_are_enough() -> None:
    history = DailyHistory(synthetic.END + np.arange(5), np.array([3.0, 1, 4, 1, 5]), np.zeros(5))
    result = fit(history, synthetic.events())
    assert result.training_samples == 5
    assert np.isfinite(parse(result.artifact).predict(history.ds, {"promo": np.zeros(5)}).yhat).all()


def test_a_fit_is_repeatable(history: DailyHistory, fitted: Fit) -> None:
    assert fit(history, synthetic.events()[::-1]).artifact == fitted.artifact


def test_a_failing_optimiser_is_reported(history: DailyHistory) -> None:
    with pytest.raises(FitFailed, match="could not fit"):
        fit(history, [], Recipe(changepoint_prior_scale=-1.0))


def _temporary_files() -> set[Path]:
    return set(Path(tempfile.gettempdir()).rglob("*"))


def test_a_fit_leaves_no_files_and_no_log_lines(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    import cmdstanpy

    history = synthetic.daily_history(days=150)
    fit(history, [])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cmdstan_folder = Path(cmdstanpy._TMPDIR)
    before = set(cmdstan_folder.rglob("*"))
    caplog.set_level(logging.DEBUG)
    fit(history, synthetic.events())
    assert _temporary_files() == set()
    assert set(cmdstan_folder.rglob("*")) <= before
    assert [record for record in caplog.records if record.name in ("prophet", "cmdstanpy")] == []
    assert capfd.readouterr() == ("", "")


AWKWARD_NAMES = [
    "promo",
    "weekly",
    "holidays_lower",
    "ds",
    "a_delim_b",
    "2024",
    "March 2024",
    "today",
    "nan",
    "NaT",
    "  ",
    "",
    "Hari Raya Idul Fitri 🌙",
    "\x00",
    "\ud800",
    "../x/y",
    "1e5",
]


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_any_event_name_trains_and_loads_in_stock_prophet(name: str) -> None:
    history = synthetic.daily_history(days=110)
    result = fit(history, [Event(name, datetime.date(2024, 5, 5))])
    ds = synthetic.future(history)
    stock = model_from_json(result.artifact.decode())
    stock.uncertainty_samples = 0
    expected = stock.predict(pd.DataFrame({"ds": ds.astype("datetime64[ns]"), "promo": 0.0})).yhat
    yhat = parse(result.artifact).predict(ds, {"promo": np.zeros(28)}).yhat
    np.testing.assert_allclose(yhat, expected, rtol=0, atol=1e-9)


def test_ordinary_event_names_stay_as_they_are() -> None:
    assert event_name("Kieler Woche Festival") == "Kieler Woche Festival"
    assert event_name("Black Friday") == "Black Friday"


def test_events_outside_of_any_history_are_ignored(history: DailyHistory, fitted: Fit) -> None:
    odd = [Event("Creation", datetime.date(1, 1, 1)), Event("End", datetime.date(9999, 12, 31))]
    assert fit(history, [*synthetic.events(), *odd]).artifact == fitted.artifact

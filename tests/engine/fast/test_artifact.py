"""The file: as stock Prophet writes it, readable by it, and forecasting the same."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from prophet.serialize import model_from_json, model_to_json

from siprems_engine.forecasting import (
    REFERENCE,
    REFERENCE_WEEKLY,
    DailyHistory,
    Event,
    Recipe,
    parse,
    prophet_stan,
)
from siprems_engine.forecasting.event_weeks import events_of
from siprems_engine.forecasting.fast.engine import fit
from tests.engine import synthetic
from tests.engine.fast.stock import stock_input

ODD_NAMES = [
    Event(name, datetime.date(2024, 5, 4))
    for name in ('Say "hi"', "a/b\\c", "Fête 🎉", "2024", "promo", "x'y")
]
ODD = [*ODD_NAMES, *synthetic.events()]
ADDITIVE = Recipe(seasonality_mode="additive", monthly_order=3, interval_width=0.8, event_upper_window=0)
CASES = {
    "no events": (synthetic.daily_history(days=400), [], REFERENCE),
    "events": (synthetic.daily_history(days=600), synthetic.events(), REFERENCE),
    "odd names": (synthetic.daily_history(days=200), ODD_NAMES, REFERENCE),
    "few rows": (synthetic.daily_history(days=25), synthetic.events(), REFERENCE),
    "additive": (synthetic.daily_history(days=300), synthetic.events(), ADDITIVE),
    "intermittent": (synthetic.intermittent_history(days=700), [], REFERENCE),
    "weekly": (synthetic.weekly_history(), events_of(synthetic.weekly_history(), ODD), REFERENCE_WEEKLY),
}


@pytest.mark.parametrize("case", CASES)
def test_everything_but_the_parameters_is_what_stock_prophet_writes(case: str) -> None:
    history, events, recipe = CASES[case]
    ours = json.loads(fit(history, events, recipe).artifact)
    stock = json.loads(prophet_stan.fit(history, events, recipe).artifact)
    assert list(ours) == list(stock)
    for key in stock.keys() - {"params", "changepoints_t", "history"}:
        assert ours[key] == stock[key], key
    np.testing.assert_allclose(ours["changepoints_t"], stock["changepoints_t"], atol=1e-14)
    rows, expected = (json.loads(document["history"]) for document in (ours, stock))
    assert rows["schema"] == expected["schema"]
    # The last decimal may differ where a quotient lies on the edge of rounding.
    pd.testing.assert_frame_equal(
        pd.DataFrame(rows["data"]), pd.DataFrame(expected["data"]), atol=2e-10, rtol=0
    )
    assert ours["params"].keys() == stock["params"].keys() - {"trend"}
    for name, draws in ours["params"].items():
        assert np.shape(draws) == np.shape(stock["params"][name])


@pytest.mark.parametrize("case", CASES)
def test_prophet_reads_the_file_and_would_write_the_same_bytes(case: str) -> None:
    text = fit(*CASES[case]).artifact.decode()
    assert model_to_json(model_from_json(text)) == text


@pytest.mark.parametrize("case", CASES)
def test_stock_prophet_forecasts_what_the_engine_forecasts(case: str) -> None:
    history, events, recipe = CASES[case]
    result = fit(history, events, recipe)
    stock, ours = model_from_json(result.artifact.decode()), parse(result.artifact)
    stock.uncertainty_samples = 0
    data = stock_input(history, recipe)[["ds", "promo"]]
    ahead = pd.DataFrame({"ds": synthetic.future(history).astype("datetime64[ns]"), "promo": 1.0})
    for frame in (data, ahead):
        ds = frame.ds.to_numpy().astype("datetime64[D]")
        yhat = ours.predict(ds, {"promo": frame.promo.to_numpy()}).yhat
        np.testing.assert_allclose(yhat, stock.predict(frame).yhat, rtol=0, atol=1e-9)


def test_tables_and_dates_are_written_as_pandas_2_and_3_both_read_them() -> None:
    """Times have milliseconds and no zone, whatever the unit of the clock of the pandas that reads them.

    Pandas 3 keeps such days in microseconds and calls texts `str`; files that name neither suit both.
    """
    document = json.loads(fit(synthetic.daily_history(days=400), synthetic.events()).artifact)
    history, holidays = json.loads(document["history"]), json.loads(document["holidays"])
    assert {field["type"] for field in history["schema"]["fields"]} == {"datetime", "number"}
    assert [tuple(field) for field in holidays["schema"]["fields"]] == [("name", "type")] * 4
    assert history["schema"]["pandas_version"] == "1.4.0"
    changepoints = json.loads(document["changepoints"])["data"]
    dates = [*(row["ds"] for row in history["data"] + holidays["data"]), *changepoints]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\.000", date) for date in dates)
    # Prophet reads these two as seconds since 1970 and seconds.
    assert document["start"] == 86400.0 * np.datetime64(dates[0], "D").astype(int)
    assert document["t_scale"] == 86400.0 * 399


def test_the_same_input_gives_the_same_bytes_in_every_process() -> None:
    script = (
        "import hashlib\nfrom siprems_engine.forecasting.fast.engine import fit\n"
        "from tests.engine import synthetic\n"
        "print(hashlib.sha256(fit(synthetic.daily_history(), synthetic.events()).artifact).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout for _ in "12"
    }
    assert len(runs) == 1
    again = fit(synthetic.daily_history(), synthetic.events()[::-1])
    assert again == fit(synthetic.daily_history(), synthetic.events())


def test_a_fit_loads_neither_pandas_nor_prophet() -> None:
    script = (
        "import sys\nfrom siprems_engine.forecasting.fast.engine import fit\n"
        "from tests.engine import synthetic\n"
        "fit(synthetic.daily_history(), synthetic.events('Market hall'))\n"
        "print([name for name in ('pandas', 'prophet', 'cmdstanpy') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_history_of_one_row_a_decade_works() -> None:
    ds = np.array([f"{year}-03-01" for year in range(1900, 2200, 10)], "datetime64[D]")
    history = DailyHistory(ds, 1.0 + np.arange(len(ds)) % 4, np.zeros(len(ds)))
    stock = model_from_json(fit(history, []).artifact.decode())
    assert str(stock.start) == "1900-03-01 00:00:00"
    assert len(stock.history) == len(ds)

"""Train the reference recipe with stock Prophet and its Stan optimiser."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from siprems_engine.forecasting.errors import EngineError, FitFailed
from siprems_engine.forecasting.fit import Fit, measured
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.recipe import REFERENCE, Prepared, Recipe, prepare
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, DailyHistory, Event
from siprems_engine.forecasting.step import Step


def engine_version() -> str:
    """Name and version of the optimiser, as it goes into the metadata."""
    return f"prophet-stan {version('prophet')}"


def fit(history: DailyHistory, events: Sequence[Event], recipe: Recipe = REFERENCE) -> Fit:
    """Fit one SKU and return the file that `prophet.serialize.model_to_json` writes.

    Raises `NotEnoughData` for fewer than five clean rows and `FitFailed` when Stan gives up.
    """
    prepared = prepare(history, recipe)
    artifact = _train(prepared, events, recipe)
    try:
        fitted = parse(artifact).predict(prepared.ds, {"promo": prepared.promo}).yhat
    except EngineError as error:
        raise FitFailed(f"The trained model cannot be used: {error}") from error
    return measured(artifact, "prophet-stan", prepared, fitted, recipe)


def _train(prepared: Prepared, events: Sequence[Event], recipe: Recipe) -> bytes:
    """Run Prophet silently; CmdStan's files live in a folder of this one fit and vanish with it."""
    _silence()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="siprems-fit-") as folder:
        warnings.simplefilter("ignore")
        # Pandas and Prophet cost about 150 MB and a second; only a process that trains loads them.
        import cmdstanpy
        import pandas as pd
        from prophet.serialize import model_to_json

        # A cleaner of old temporary files may have removed the folder CmdStan writes its inputs to.
        Path(cmdstanpy._TMPDIR).mkdir(parents=True, exist_ok=True)
        model = _model(events, recipe)
        frame = pd.DataFrame(
            {"ds": prepared.ds.astype("datetime64[ns]"), "y": prepared.y_log, "promo": prepared.promo}
        )
        try:
            model.fit(frame, output_dir=folder)
        except (RuntimeError, ValueError) as error:
            raise FitFailed(f"Prophet could not fit this history: {error}") from error
        # The folder is gone after this fit and has no place in a file that others read.
        model.fit_kwargs = {}
        text: str = model_to_json(model)
    return text.encode()


def _model(events: Sequence[Event], recipe: Recipe) -> Any:
    from prophet import Prophet  # loaded by training processes only

    model = Prophet(
        yearly_seasonality=True,
        # Prophet itself would find no seasonality of a week in weekly rows: its features are constant there.
        weekly_seasonality=recipe.step is Step.DAY,
        daily_seasonality=False,
        seasonality_mode=recipe.seasonality_mode,
        changepoint_prior_scale=recipe.changepoint_prior_scale,
        holidays=_holidays(events, recipe),
        holidays_prior_scale=recipe.holidays_prior_scale,
        interval_width=recipe.interval_width,
    )
    model.add_seasonality(name="monthly", period=recipe.monthly_period, fourier_order=recipe.monthly_order)
    model.add_regressor("promo")
    return model


def _holidays(events: Sequence[Event], recipe: Recipe) -> Any:
    """Give the events as Prophet's holiday frame, or None without events."""
    import pandas as pd  # loaded by training processes only

    # Events in years that no history reaches would overflow the clock of pandas.
    known = [e for e in events if FIRST_DAY <= np.datetime64(e.date, "D") <= LAST_DAY]
    rows = sorted({(event_name(e.name), e.date) for e in known})
    if not rows:
        return None
    return pd.DataFrame(
        {
            "holiday": [name for name, _ in rows],
            "ds": pd.to_datetime([day.isoformat() for _, day in rows]),
            "lower_window": recipe.event_lower_window,
            "upper_window": recipe.event_upper_window,
        }
    )


# Names Prophet keeps for its own columns and components, and those of the recipe's own features.
RESERVED = frozenset(
    {
        *("ds", "y", "t", "cap", "floor", "y_scaled", "cap_scaled", "trend", "yhat", "zeros", "holidays"),
        *("daily", "weekly", "monthly", "yearly", "promo", "additive_terms", "multiplicative_terms"),
        *("extra_regressors_additive", "extra_regressors_multiplicative"),
    }
)


def event_name(name: str) -> str:
    """Make any event name one that Prophet accepts and can read back from its own file.

    Prophet keeps some names for itself, splits column names at `_delim_`, and on loading turns a name that
    reads as a number or a date ("2024", "March 2024", "today") into one. Such a name gets a prefix instead of
    failing the training run or the next load.
    """
    text = name.encode("utf-8", "replace").decode().replace("_delim_", " ").replace("\0", " ")
    cleaned = " ".join(text.split()) or "event"
    base = cleaned.removesuffix("_lower").removesuffix("_upper")
    return f"event {cleaned}" if base in RESERVED or _reads_as_value(cleaned) else cleaned


def _reads_as_value(name: str) -> bool:
    import pandas as pd  # loaded by training processes only

    values = pd.to_numeric(name, errors="coerce"), pd.to_datetime(name, errors="coerce")
    return name.lower() in {"nan", "nat"} or any(pd.notna(value) for value in values)


def _silence() -> None:
    """Keep Prophet and CmdStan from logging a dozen lines per fit; what matters comes as an exception."""
    prophet_log, cmdstan_log = logging.getLogger("prophet"), logging.getLogger("cmdstanpy")
    # Importing complains about missing plot libraries, and sets the levels anew.
    prophet_log.setLevel(logging.CRITICAL)
    import cmdstanpy  # noqa: F401 - loaded by training processes only
    import prophet  # noqa: F401 - loaded by training processes only

    prophet_log.setLevel(logging.CRITICAL)
    if not cmdstan_log.handlers:
        # Without a handler CmdStanPy would add its own at its first message, and lower the level for it.
        cmdstan_log.addHandler(logging.NullHandler())
    cmdstan_log.setLevel(logging.CRITICAL)

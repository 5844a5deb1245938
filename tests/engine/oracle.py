"""Stock Prophet for the tests: the oracle our own arithmetic is compared with."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from prophet import Prophet

from siprems_engine.forecasting import DailyHistory

DATA = Path(__file__).parent.parent / "data"

for name in ("prophet", "cmdstanpy"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


def plain_prophet(**kwargs: Any) -> Prophet:
    """A Prophet model with few changepoints, so that a fit takes little time."""
    return Prophet(**{"n_changepoints": 8, **kwargs})


def frame(history: DailyHistory) -> pd.DataFrame:
    """Prophet's input on the log scale, with the promotion flag and a price as regressors."""
    return pd.DataFrame(
        {
            "ds": history.ds.astype("datetime64[ns]"),
            "y": np.log1p(history.y),
            "promo": history.promo,
            "price": 2.0 + np.cos(np.arange(len(history))),
        }
    )


@functools.cache
def stored_model() -> bytes:
    """The model file under tests/data, written by Prophet 1.5 when this engine was made."""
    return (DATA / "prophet_1_5_model.json").read_bytes()

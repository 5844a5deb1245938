"""The web process imports the engine and must stay small."""

from __future__ import annotations

import subprocess
import sys

from tests.engine.oracle import DATA

SCRIPT = """
import sys
import numpy as np
from siprems_engine.forecasting import ServingMeta, forecast, parse
model = parse(open(sys.argv[1], "rb").read())
forecast(model, ServingMeta(), model.last_day + np.arange(1, 15))
print([name for name in ("pandas", "prophet", "cmdstanpy", "matplotlib") if name in sys.modules])
"""


def test_serving_a_forecast_loads_neither_pandas_nor_prophet() -> None:
    command = [sys.executable, "-c", SCRIPT, str(DATA / "prophet_1_5_model.json")]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=DATA.parent.parent)
    assert result.stdout.strip() == "[]"

"""A training in a process of its own: what it loads, and that only its input decides about its bytes."""

from __future__ import annotations

import subprocess
import sys

# Not scipy: numba looks for its BLAS whenever it is installed.
FORBIDDEN = ("pandas", "prophet", "cmdstanpy", "holidays", "matplotlib")
TRAIN = """
import hashlib, json, sys
import numpy as np
from siprems_engine.forecasting.train import train
from tests.engine import synthetic

def digest(seed, days, events):
    history = synthetic.daily_history(seed, days)
    open_days = np.arange(history.ds[0], history.ds[-1] + 1)
    trained = train(history, events, open_days, refit_backtest=True)
    meta = json.dumps(trained.meta, sort_keys=True).encode()
    return hashlib.sha256(trained.artifact + meta).hexdigest()
"""
ONE = "print(digest(1, 600, synthetic.events()))\n"
OTHERS = "digest(2, 900, synthetic.events()), digest(3, 450, []), digest(4, 700, synthetic.events('Fair'))\n"


def _run(script: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", TRAIN + script], capture_output=True, text=True, check=True
    )
    return result.stdout


def test_a_training_loads_neither_pandas_nor_prophet() -> None:
    # Names with digits or dates would be asked of pandas; those of a shop are words.
    script = f"{ONE}print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    assert _run(script).splitlines()[1] == "[]"


def test_a_training_gives_the_same_bytes_in_every_process_and_after_any_other() -> None:
    alone, again, after_others = _run(ONE), _run(ONE), _run(OTHERS + ONE)
    assert len(alone.strip()) == 64
    assert alone == again == after_others

"""Names of contents: equal names, equal tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import sklearn

# To be raised when a node comes to make something else of the same rows and parameters.
FORM = 1
# Other versions of the libraries may fit otherwise, and read what others wrote otherwise.
MADE_BY = [FORM, sklearn.__version__, pd.__version__, np.__version__]


def key_of_rows(frame: pd.DataFrame) -> str:
    """Return the key of a source by the content of its rows, names and types."""
    digest = hashlib.sha256()
    digest.update(json.dumps([MADE_BY, [[str(n), str(frame[n].dtype)] for n in frame.columns]]).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def key_of_work(node_type: str, parameters: Any, around: Any, upstream: Sequence[str]) -> str:
    """Return the key of what a node makes of tables: by its parameters, split and seed, and their keys."""
    told = json.dumps([MADE_BY, node_type, parameters, around, list(upstream)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()

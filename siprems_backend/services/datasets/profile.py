"""What a table holds, column by column: missing and distinct values, quantiles, histograms, correlations.

Missing values, least and greatest are of all rows. Of large tables the rest is of rows taken evenly from
them; `sample_rows` says how many.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from siprems_backend.services.datasets.writing import LONGEST_CELL, type_name
from siprems_backend.services.progress import OnProgress, unreported

SAMPLE_CELLS = 5_000_000
BATCH_ROWS = 32_768
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 20
TOP_VALUES = 10
MOST_CORRELATED = 50
BUFFER_BYTES = 1024**2


def profile(path: Path, on_progress: OnProgress = unreported) -> dict[str, Any]:
    """The profile of a Parquet file, as JSON.

    Raises:
        TaskCancelled: from `on_progress`.
        OSError: the file is not there.
    """
    sample, extremes, rows = _sample(path, on_progress)
    columns = [
        {
            **_described(sample.column(place), field),
            **extremes[place],
            "missing_share": _share(extremes[place], rows),
        }
        for place, field in enumerate(sample.schema)
    ]
    return {
        "rows": rows,
        "sample_rows": sample.num_rows,
        "columns": columns,
        "correlations": _correlations(sample),
    }


def _sample(path: Path, on_progress: OnProgress) -> tuple[Any, list[dict[str, Any]], int]:
    """Every n-th row, and what is known of all rows of each column."""
    import pyarrow as pa  # Only workers load it.
    from pyarrow import parquet

    with parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
        stride = max(1, -(-rows * len(schema) // SAMPLE_CELLS))
        extremes = [_Extremes() for _ in schema]
        taken, read = [], 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            for column, known in zip(batch.columns, extremes, strict=True):
                known.see(column)
            # The first row of the batch that is a multiple of the stride from the beginning of the file.
            places = np.arange(-read % stride, batch.num_rows, stride)
            taken.append(batch.take(pa.array(places)) if stride > 1 else batch)
            read += batch.num_rows
            on_progress(int(90 * read / max(1, rows)), 100, f"{read:,} rows read")
        table = pa.Table.from_batches(taken, schema=schema)
    return table, [known.as_json() for known in extremes], rows


class _Extremes:
    """Missing values, least and greatest of a column, seen in batches."""

    def __init__(self) -> None:
        self._missing = 0
        self._least: Any = None
        self._greatest: Any = None

    def see(self, column: Any) -> None:
        import pyarrow.compute as pc  # Only workers load it.
        from pyarrow import types

        self._missing += column.null_count
        if types.is_floating(column.type):
            nan = pc.is_nan(column)
            self._missing += pc.sum(nan).as_py() or 0
            column = column.filter(pc.invert(nan))
        found = pc.min_max(column).as_py()
        if found["min"] is None:
            return
        self._least = found["min"] if self._least is None else min(self._least, found["min"])
        self._greatest = found["max"] if self._greatest is None else max(self._greatest, found["max"])

    def as_json(self) -> dict[str, Any]:
        return {"missing": self._missing, "min": _value(self._least), "max": _value(self._greatest)}


def _share(known: dict[str, Any], rows: int) -> float:
    return known["missing"] / rows if rows else 0.0


def _described(column: Any, field: Any) -> dict[str, Any]:
    import pyarrow.compute as pc  # Only workers load it.

    kind = type_name(field.type)
    about = {
        "name": field.name,
        "type": kind,
        "distinct": pc.count_distinct(column, mode="only_valid").as_py(),
    }
    if kind in {"integer", "number"}:
        return about | _numbers(_finite(column))
    return about | {"top_values": _top_values(column)}


def _finite(column: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers of a column, (n,), without missing and infinite ones."""
    import pyarrow as pa  # Only workers load it.

    values = column.cast(pa.float64(), safe=False).drop_null().to_numpy()
    return np.asarray(values[np.isfinite(values)])


def _numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    """Mean, deviation, quantiles and histogram of finite numbers, (n,)."""
    if not len(values):
        return {"mean": None, "std": None, "quantiles": {}, "histogram": None}
    # Near the largest number there is, sums and widths overflow; no such figure is told then.
    with np.errstate(over="ignore", invalid="ignore"):
        quantiles = np.quantile(values, QUANTILES)
        return {
            "mean": _value(float(values.mean())),
            "std": _value(float(values.std(ddof=1))) if len(values) > 1 else None,
            "quantiles": {str(q): _value(float(v)) for q, v in zip(QUANTILES, quantiles, strict=True)},
            "histogram": _histogram(values),
        }


def _histogram(values: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any] | None:
    try:
        counts, edges = np.histogram(values, bins=BINS)
    except ValueError:
        # The values are too far apart, or too close together, for bins between them.
        return None
    return {"edges": [float(edge) for edge in edges], "counts": [int(count) for count in counts]}


def _top_values(column: Any) -> list[dict[str, Any]]:
    """The most frequent values; of equally frequent ones those that come first in order."""
    import pyarrow.compute as pc  # Only workers load it.

    counted = pc.value_counts(column.drop_null().combine_chunks())
    values, counts = counted.field("values"), counted.field("counts")
    order = np.argsort(-counts.to_numpy(), kind="stable")[:TOP_VALUES]
    return [{"value": _value(values[place].as_py()), "count": counts[place].as_py()} for place in order]


def _correlations(sample: Any) -> dict[str, Any]:
    """Pearson's correlations of numeric columns, each over the rows where both have a value."""
    names = [field.name for field in sample.schema if type_name(field.type) in {"integer", "number"}]
    names = names[:MOST_CORRELATED]
    frame = sample.select(names).to_pandas().astype("float64").replace([np.inf, -np.inf], np.nan)
    matrix = frame.corr().to_numpy() if names else np.empty((0, 0))
    return {"columns": names, "matrix": [[_value(float(cell)) for cell in row] for row in matrix]}


def _value(value: Any) -> Any:
    """A value as the database's JSON takes it: no endless numbers, no NUL in texts."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, str):
        return value[:LONGEST_CELL].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return value if value is None or isinstance(value, int) else value.isoformat()

"""Time and memory of an uploaded dataset: receiving it, converting it, making its profile.

    .venv/bin/python -m benchmarks.dataset_upload [--megabytes 20] [--format csv|csv.gz|parquet] [--folder F]

Writes a file of about that size and sends it through the steps of an upload, each in a process of its own.
Peak memory is what the process held at most; the column before it is what it held when its libraries were
loaded. Needs no servers. The folder needs room for three times the size.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import numpy as np

STEPS = ("receive", "convert", "profile")
DATASET_ID = UUID(int=1)
CHUNK_ROWS = 50_000
COLUMNS = ("id", "day", "city", "area", "age", "price", "sold", "note")
CITIES = np.array(["Köln", "Roma", "Paris", "Wien", "Oslo"])


def main() -> None:
    """Write the file, run the steps, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--format", choices=["csv", "csv.gz", "parquet"], default="csv")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        _report(arguments.step, arguments.folder)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        source = Path(folder) / "source"
        rows = _write(source, arguments.megabytes * 1_000_000, arguments.format)
        print(f"{arguments.format}, {source.stat().st_size / 1e6:,.0f} MB, {rows:,} rows")
        print(f"{'step':8} {'seconds':>8} {'CPU s':>8} {'loaded MB':>10} {'peak MB':>8}")
        for step in STEPS:
            _run(step, Path(folder))


def _write(path: Path, size: int, kind: str) -> int:
    """A table of numbers, dates and texts, reproducible; how many rows it has."""
    if kind != "parquet":
        with (gzip.open if kind == "csv.gz" else open)(path, "wb") as file:
            return _write_csv(file.write, size)
    from pyarrow import csv, parquet

    plain = path.with_suffix(".csv")
    rows = _write(plain, size, "csv")
    with csv.open_csv(plain) as reader, parquet.ParquetWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    plain.unlink()
    return rows


def _write_csv(write: Callable[[bytes], int], size: int) -> int:
    random, written, rows = np.random.default_rng(1), 0, 0
    written += write((",".join(COLUMNS) + "\n").encode())
    while written < size:
        cells = (
            np.arange(rows, rows + CHUNK_ROWS),
            np.datetime64("2024-01-01") + random.integers(0, 700, CHUNK_ROWS),
            random.choice(CITIES, CHUNK_ROWS),
            np.round(random.uniform(20, 200, CHUNK_ROWS), 2),
            random.integers(0, 120, CHUNK_ROWS),
            np.round(random.lognormal(12, 1, CHUNK_ROWS), 2),
            random.choice(np.array(["true", "false", ""]), CHUNK_ROWS),
            random.integers(0, 10**9, CHUNK_ROWS),
        )
        text = "".join(
            f"{one},{day},{city},{area},{age},{price},{sold},note {note}\n"
            for one, day, city, area, age, price, sold, note in zip(*cells, strict=True)
        )
        written += write(text.encode())
        rows += CHUNK_ROWS
    return rows


def _run(step: str, folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.dataset_upload", "--step", step, "--folder", str(folder)]
    values = {
        "DATABASE_URL": "postgresql://nobody@localhost/none",
        "JWT_SECRET_KEY": "a key for benchmarks, long enough for SHA-256",
        "SIPREMS_ENV": "test",
        "DATA_DIR": str(folder / "data"),
    }
    done = subprocess.run(command, env=os.environ | values, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    print(f"{step:8} {told['wall']:8.1f} {told['cpu']:8.1f} {told['loaded']:10.0f} {told['peak']:8.0f}")


def _report(step: str, folder: Path) -> None:
    work = {"receive": partial(_receive, folder), "convert": _convert, "profile": _profile}[step]()
    loaded, wall, cpu = _peak_megabytes(), time.perf_counter(), time.process_time()
    work()
    figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({**figures, "loaded": loaded, "peak": _peak_megabytes()}))


def _receive(folder: Path) -> Callable[[], None]:
    from siprems_backend.services.datasets import files
    from siprems_backend.services.imports import storage

    def work() -> None:
        with (folder / "source").open("rb") as source:
            storage.receive_into(source, files.uploads(), DATASET_ID, 10**12)

    return work


def _convert() -> Callable[[], None]:
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401  Loaded before the clock starts.

    from siprems_backend.services.datasets import files, opening, writing
    from siprems_backend.services.progress import unreported

    def work() -> None:
        upload = files.uploaded_path(DATASET_ID)
        assert upload is not None
        with opening.open_upload(upload) as table:
            writing.write(table, files.rows_path(DATASET_ID), files.preview_path(DATASET_ID), unreported)

    return work


def _profile() -> Callable[[], None]:
    import pandas as pd  # noqa: F401  Loaded before the clock starts.
    import pyarrow.parquet  # noqa: F401

    from siprems_backend.services.datasets import files, profile

    return lambda: print(end="" if profile.profile(files.rows_path(DATASET_ID)) else "nothing")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()

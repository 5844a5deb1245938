"""How long imports take: every file twice, the second time with nothing to change.

    .venv/bin/python -m benchmarks.import_files [FOLDER_OR_FILE...] [--keep-durable]

Without a path it writes a shop of 500 products and 400 days to a temporary file and imports that.

Uses throwaway servers; needs nothing but the development requirements. Files are imported by the same service
as uploads and `siprems import`. With `--keep-durable` the database flushes to disk as in production.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from siprems_local import postgres
from tests.servers import running_postgres


def main() -> None:
    """Start a database, import, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--keep-durable", action="store_true")
    arguments = parser.parse_args()
    if arguments.keep_durable:
        postgres.THROWAWAY = {"max_connections": "20"}
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        state.chmod(0o755)
        with running_postgres(state) as server:
            _settings(server.url("siprems"), state)
            _measure(arguments.paths or [_invented(state / "sales.csv")])


def _invented(path: Path, products: int = 500, days: int = 400) -> Path:
    """A file of daily sales, reproducible."""
    random = np.random.default_rng(1)
    dates = np.datetime64("2025-01-01") + np.arange(days)
    with path.open("w") as file:
        file.write("sku,date,quantity,price,is_promo\n")
        for number in range(products):
            sold = random.poisson(random.uniform(0.5, 40), days)
            file.writelines(
                f"SKU {number:04d},{date},{quantity},2.50,0\n"
                for date, quantity in zip(dates, sold, strict=True)
            )
    return path


def _settings(url: str, state: Path) -> None:
    values = {"SIPREMS_ENV": "test", "DATABASE_URL": url, "DATA_DIR": str(state / "data")}
    os.environ.update(values, JWT_SECRET_KEY="only for a benchmark, long enough 1234")


def _measure(paths: list[Path]) -> None:
    from siprems_backend.config import get_settings
    from siprems_backend.extensions.database import database
    from siprems_backend.services import imports, migrations

    database.bind(get_settings())
    migrations.upgrade()
    print(f"{'file':44} {'rows':>9} {'new':>9} {'first s':>8} {'again s':>8} {'rewritten':>9} {'peak MB':>8}")
    for path in paths:
        inside = imports.files_of_folder(path) if path.is_dir() else [(path, imports.kind_of_name(path))]
        for file, kind in inside:
            reports, seconds = [], []
            for _ in range(2):
                started = time.perf_counter()
                reports.append(imports.import_path(file, kind))
                seconds.append(time.perf_counter() - started)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            written = reports[1]["inserted"] + reports[1]["updated"]
            name = f"{file.parent.name}/{file.name}"
            first = reports[0]
            print(
                f"{name:44} {first['rows']:>9,} {first['inserted']:>9,} {seconds[0]:>8.2f} {seconds[1]:>8.2f}"
                f" {written:>9,} {peak:>8.0f}"
            )
    database.dispose()


if __name__ == "__main__":
    main()

"""Tables that a pipeline exports, as files to download. Workers only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siprems_backend.services.export_files import Column, Kind, csv_chunks
from siprems_backend.services.exports import MIMETYPES
from siprems_backend.services.spreadsheet_files import write_xlsx
from siprems_backend.services.tool_runner.tool import OutputFile
from siprems_backend.services.tools.sales_export import XLSX
from siprems_backend.utils.spreadsheet_cell import harmless

if TYPE_CHECKING:
    from pandas import DataFrame

    from siprems_engine.pipelines.results import Export

ROWS_AT_A_TIME = 10_000
KINDS: dict[str, Kind] = {"i": "number", "u": "number", "f": "number", "b": "flag", "M": "date"}
CONTENT_TYPES = {"csv": MIMETYPES["csv"], "parquet": MIMETYPES["parquet"], "xlsx": XLSX}


def write_all(exports: Mapping[str, Export], folder: Path) -> list[OutputFile]:
    """Write every exported table; of equal names the later ones get a number."""
    files: list[OutputFile] = []
    for export in exports.values():
        path = _free(folder, export.name, export.format)
        _write(export, path)
        files.append(
            {
                "name": path.name,
                "content_type": CONTENT_TYPES[export.format],
                "size_bytes": path.stat().st_size,
            }
        )
    return files


def _free(folder: Path, name: str, ending: str) -> Path:
    path, number = folder / f"{name}.{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.{ending}"
    return path


def _write(export: Export, path: Path) -> None:
    frame = export.frame
    if export.format == "parquet":
        _texts_only(frame).to_parquet(path, index=False)
        return
    columns, batches = _columns(frame), _batches(frame)
    if export.format == "xlsx":
        write_xlsx(path, "table", columns, batches)
        return
    with path.open("wb") as file:
        for chunk in csv_chunks(columns, batches):
            file.write(chunk)


def _columns(frame: DataFrame) -> list[Column]:
    """Names are cells as well: one that a spreadsheet would run begins with an apostrophe."""
    return [Column(harmless(str(name)), _kind(frame[name])) for name in frame.columns]


def _kind(column: Any) -> Kind:
    kind = KINDS.get(column.dtype.kind, "text")
    if kind == "date" and (column.dropna() != column.dropna().dt.normalize()).any():
        return "moment"
    return kind


def _batches(frame: DataFrame) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows as Python's values, None where there is none."""
    for start in range(0, len(frame), ROWS_AT_A_TIME):
        part = frame.iloc[start : start + ROWS_AT_A_TIME].astype(object)
        yield part.where(part.notna(), None).to_numpy().tolist()


def _texts_only(frame: DataFrame) -> DataFrame:
    """Columns of several kinds of values as texts, for Parquet knows one kind a column."""
    mixed = {
        name: frame[name].where(frame[name].isna(), frame[name].astype(str))
        for name in frame.columns
        if frame[name].dtype == object
    }
    return frame.assign(**mixed)

"""What is made of files, good ones and bad ones."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from siprems_backend.errors import Invalid, NotFound, ServiceError, TaskCancelled, UnsupportedFile
from siprems_backend.services import datasets, task_registry
from siprems_backend.services.datasets import csv_table, files, uploads
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import FileRefused
from siprems_backend.services.task_registry import TaskKind, fence, lifecycle
from siprems_backend.utils.pagination import PageRequest
from tests.services.datasets.conftest import Convert, Sent, files_in

PAGE = PageRequest()
MIXED = """id,price,day,at,seen,open,code,city,mixed,empty
1,2.5,2024-01-01,2024-01-01T10:00:00,2024-01-01T10:00:00Z,true,007,Köln,1,
2,NA,2024-01-02,2024-01-02 11:30:00,2024-01-02T10:00:00+02:00,false,12,NA,x,
"""


def rows_of(record: Any) -> list[dict[str, Any]]:
    return parquet.read_table(files.rows_path(record.id)).to_pylist()


def types_of(record: Any) -> dict[str, str]:
    return {column["name"]: column["type"] for column in record.columns}


def parquet_bytes(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    return stream.getvalue()


def test_types_are_those_that_all_rows_allow(convert: Convert, volume: Path) -> None:
    record = convert(MIXED)
    assert types_of(record) == {
        "id": "integer",
        "price": "number",
        "day": "date",
        "at": "datetime",
        "seen": "datetime",
        "open": "boolean",
        "code": "string",
        "city": "string",
        "mixed": "string",
        "empty": "string",
    }
    first, second = rows_of(record)
    assert (first["price"], second["price"]) == (2.5, None)
    assert (first["code"], first["city"], second["city"], first["empty"]) == ("007", "Köln", "NA", None)
    assert second["seen"] == dt.datetime(2024, 1, 2, 8, tzinfo=dt.UTC)
    assert (record.status, record.rows, record.format) == ("ready", 2, "csv")
    assert record.size_bytes == files.rows_path(record.id).stat().st_size
    assert files_in(volume) == [f"{record.id}.parquet", f"{record.id}.preview.jsonl"]


def test_a_type_that_fails_far_below_is_given_up(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 1024)
    record = convert("a,b\n" + "1,1\n" * 5000 + "1.5,x\n")
    assert types_of(record) == {"a": "number", "b": "string"}
    assert (record.rows, rows_of(record)[-1], rows_of(record)[0]) == (
        5001,
        {"a": 1.5, "b": "x"},
        {"a": 1.0, "b": "1"},
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a;b\n1,5;x\n", {"a": 1.5, "b": "x"}),
        ("a\tb\n1\tx\n", {"a": 1, "b": "x"}),
        ("\ufeffa,b\n1,é\n", {"a": 1, "b": "é"}),
        ("a,b\n1,é\n".encode("cp1252"), {"a": 1, "b": "é"}),
        ("a,b\n1,é\n".encode("utf-16"), {"a": 1, "b": "é"}),
        (gzip.compress(b"a,b\n1,x\n", mtime=0), {"a": 1, "b": "x"}),
        ('"a","b,c"\n1,"2\n3"\n\n', {"a": 1, "b,c": "2\n3"}),
        (" a ,\n1,x\n", {"a": 1, "column_2": "x"}),
        ("名前,=1+1\n+49 30,=cmd()\n", {"名前": "+49 30", "=1+1": "=cmd()"}),
        ("a,b\r\n99999999999999999999,NaN\r\n", {"a": 1e20, "b": "NaN"}),
    ],
    ids=["semicolon", "tab", "bom", "cp1252", "utf16", "gz", "quoted", "unnamed", "unicode", "big"],
)
def test_text_in_many_shapes(convert: Convert, content: bytes | str, expected: dict[str, Any]) -> None:
    assert rows_of(convert(content)) == [expected]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n", "has no rows"),
        ("\n1,2\n", "first line"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 are both named 'a'"),
        ("a,b\n1,2\n3\n", "Row 3 has 1 cells and row 1, which names the columns, has 2"),
        ("a,b\n1,2\n3,4,5\n", "Row 3 has 3 cells"),
        ('a,b\n1,"2\n3,4\n', "opened and never closed"),
        ('"a\nb",c\n1,2\n', "name of column 1"),
        (",".join(f"c{n}" for n in range(2001)) + "\n", "2,001 columns"),
        (b"a,b\n1,\x81\n", "neither UTF-8 nor Windows-1252"),
        (gzip.compress(b"a,b\n1,x\n", mtime=0)[:-4], "gzip file is damaged"),
        (b"PAR1 and no more", "Parquet file is damaged"),
    ],
    ids=["header", "blank", "twice", "short", "long", "quote", "lines", "wide", "bytes", "gzip", "parquet"],
)
def test_files_that_are_no_tables(
    convert: Convert, owner: Principal, volume: Path, content: bytes | str, message: str
) -> None:
    with pytest.raises(FileRefused, match=message):
        convert(content)
    assert files_in(volume) == []
    (record,) = datasets.listing(PAGE, owner).items
    assert (record.status, record.size_bytes, record.error["code"]) == ("failed", 0, "file_refused")
    for ask in (datasets.parquet_file, datasets.profile_of):
        with pytest.raises(Invalid, match=message):
            ask(record.id, owner)


def test_a_row_longer_than_a_block(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 1024)
    with pytest.raises(FileRefused, match="A row is longer"):
        convert("a,b\n1,2\n3," + "x" * 5000 + "\n")


def test_workbooks(convert: Convert) -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append([None, None, None, None])
    sheet.append(["name", "units", "price", "day", "open"])
    sheet.append(["=1+1 as text", 3, 2.5, dt.date(2024, 1, 1), True])
    sheet.append(["B", 4, None, dt.date(2024, 1, 2), False])
    sheet["A3"].data_type = "s"
    book.save(stream)
    record = convert(stream.getvalue(), "book.xlsx")
    assert record.format == "xlsx"
    assert rows_of(record)[0] == {
        "name": "=1+1 as text",
        "units": 3,
        "price": 2.5,
        "day": dt.date(2024, 1, 1),
        "open": True,
    }
    assert rows_of(record)[1]["price"] is None


def test_an_empty_workbook_and_an_archive_of_something_else(convert: Convert, volume: Path) -> None:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    with pytest.raises(FileRefused, match="first sheet is empty"):
        convert(stream.getvalue())
    with pytest.raises(ServiceError):
        convert(b"PK\x03\x04 and no more")
    with pytest.raises(UnsupportedFile):
        convert(b"\x00\x01\x02")
    assert files_in(volume) == []


def test_parquet_is_kept_with_plain_types(convert: Convert) -> None:
    moment = dt.datetime(2024, 1, 1, 10, 0, 0)
    table = pa.table(
        {
            "n": pa.array([1, None], pa.int16()),
            "d": pa.array(["1.50", None]).cast(pa.decimal128(10, 2)),
            "c": pa.array(["x", "y"]).dictionary_encode(),
            "t": pa.array([moment, None], pa.timestamp("ns", tz="Europe/Berlin")),
            "z": pa.nulls(2),
        }
    )
    record = convert(parquet_bytes(table), "../../evil.parquet", name="Mine")
    assert (record.name, record.filename, record.format) == ("Mine", "evil.parquet", "parquet")
    assert types_of(record) == {
        "n": "integer",
        "d": "number",
        "c": "string",
        "t": "datetime",
        "z": "string",
    }
    assert rows_of(record)[0] == {"n": 1, "d": 1.5, "c": "x", "t": moment.replace(tzinfo=dt.UTC), "z": None}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": [[1]]}), "The column 'a' has the type list"),
        (pa.table({"a": pa.array([], pa.int64())}), "no rows"),
        (pa.table([[1], [2]], names=["a", "a"]), "both named 'a'"),
        (pa.table([], names=[]), "no columns"),
    ],
    ids=["nested", "empty", "twice", "nothing"],
)
def test_parquet_that_is_refused(convert: Convert, volume: Path, table: pa.Table, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        convert(parquet_bytes(table))
    assert files_in(volume) == []


def test_parquet_with_text_that_is_none(convert: Convert) -> None:
    text = pa.array([b"\xff\xfe"]).view(pa.string())
    with pytest.raises(FileRefused, match="damaged"):
        convert(parquet_bytes(pa.table({"a": text})))


def test_a_second_delivery_finds_the_work_done(convert: Convert, volume: Path) -> None:
    record = convert("a\n1\n")
    written = files.rows_path(record.id).stat().st_mtime_ns
    again = datasets.convert(record.id)
    assert (again["rows"], again["columns"]) == (1, [{"name": "a", "type": "integer"}])
    assert files.rows_path(record.id).stat().st_mtime_ns == written


def test_a_cancelled_conversion_leaves_nothing(owner: Principal, volume: Path) -> None:
    record = uploads.receive(Sent(b"a\n1\n"), owner)

    def stop(current: int, total: int, message: str = "") -> None:
        raise TaskCancelled

    with pytest.raises(TaskCancelled):
        datasets.convert(record.id, stop)
    assert files_in(volume) == []
    assert datasets.get(record.id, owner).error["code"] == "cancelled"


def test_a_failure_of_the_disk_can_be_tried_again(
    owner: Principal, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = uploads.receive(Sent(b"a\n1\n"), owner)
    in_the_way = files.rows_path(record.id)
    in_the_way.mkdir()
    with pytest.raises(OSError, match=str(record.id)):
        datasets.convert(record.id)
    assert datasets.get(record.id, owner).status == "failed"
    in_the_way.rmdir()
    assert datasets.convert(record.id)["rows"] == 1
    assert datasets.get(record.id, owner).error is None


def test_a_worker_that_lost_its_task_changes_nothing(owner: Principal, volume: Path) -> None:
    record = uploads.receive(Sent(b"a\n1\n"), owner)
    kwargs = {"dataset_id": str(record.id)}
    task_id = task_registry.submit(TaskKind.CONVERT_DATASET, kwargs, owner=owner).task_id
    held = lifecycle.claim(task_id, TaskKind.CONVERT_DATASET, kwargs, "worker")
    assert held is not None
    lost = replace(held, lease_id=uuid4())
    with fence.holding(lost), pytest.raises(TaskCancelled):
        datasets.convert(record.id)
    assert datasets.get(record.id, owner).status == "waiting"
    assert files.uploaded_path(record.id) is not None


def test_unknown_and_cleaned_up(owner: Principal, volume: Path) -> None:
    record = uploads.receive(Sent(b"a\n1\n"), owner)
    files.forget_upload(record.id)
    with pytest.raises(NotFound, match="send it again"):
        datasets.convert(record.id)
    datasets.remove(record.id, owner)
    with pytest.raises(NotFound):
        datasets.convert(record.id)

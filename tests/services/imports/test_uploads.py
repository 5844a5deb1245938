"""An upload from its first byte to its end, also a bad one."""

from __future__ import annotations

import errno
import io
import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, NotFound, TaskCancelled, TooLarge, UnsupportedFile
from siprems_backend.extensions.database import Database
from siprems_backend.models.imports import Import
from siprems_backend.services import imports, task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.imports import FileRefused, ImportKind, runs, storage
from siprems_backend.services.imports.storage import VolumeFull
from siprems_backend.services.task_registry import TaskKind, fence, lifecycle
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.services.imports.conftest import Rows

FILE = b"sku,date,quantity\nA,2024-01-01,2\n=cmd,2024-01-01,x\n"


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database, Role.ANALYST)


def accept(owner: Principal, content: bytes = FILE, name: str = "sales.csv", **options: Any) -> Import:
    return imports.accept_upload(io.BytesIO(content), name, ImportKind.SALES, owner, **options)


def test_an_upload_is_stored_imported_and_removed(owner: Principal, data_folder: Path, rows: Rows) -> None:
    record = accept(owner, name="../../etc/pass\x00wd")
    assert record.filename == "passwd"
    assert [path.name for path in data_folder.iterdir()] == [f"{record.id}.csv"]
    seen: list[int] = []
    report = imports.run_import(record.id, lambda current, total, message="": seen.append(current))
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert [path.name for path in data_folder.iterdir()] == [f"{record.id}.rejected.csv"]
    stored = imports.get(record.id, owner)
    assert stored.report == report
    assert stored.finished_at is not None
    assert rows("SELECT action, target FROM audit") == [("import", "passwd")]


def test_a_worker_that_lost_its_task_says_nothing_of_the_import(owner: Principal, data_folder: Path) -> None:
    record = accept(owner)
    task_id = task_registry.submit(TaskKind.IMPORT_FILE, {"import_id": str(record.id)}).task_id
    held = lifecycle.claim(task_id, TaskKind.IMPORT_FILE, {}, "worker")
    assert held is not None
    done = imports.run_import(record.id)
    lost = replace(held, lease_id=uuid4())
    with fence.holding(lost):
        runs.record_end_without_result(record.id, "failed", "The database was away.", move_stock=False)
    assert imports.get(record.id, owner).report == done
    with fence.holding(held):
        runs.record_end_without_result(record.id, "failed", "The database was away.", move_stock=False)
    assert imports.get(record.id, owner).report["status"] == "failed"


def test_a_second_delivery_returns_the_first_report(owner: Principal, data_folder: Path, rows: Rows) -> None:
    record = accept(owner)
    first = imports.run_import(str(record.id))
    assert imports.run_import(record.id) == first
    assert rows("SELECT count(*) FROM audit") == [(1,)]


def test_two_deliveries_at_once_import_once(owner: Principal, data_folder: Path, rows: Rows) -> None:
    record = accept(owner)
    reports: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: reports.append(imports.run_import(record.id))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports[0] == reports[1] == reports[2]
    assert rows("SELECT count(*) FROM audit") == [(1,)]


def test_imports_of_the_same_new_products_do_not_block_each_other(
    owner: Principal, data_folder: Path, rows: Rows
) -> None:
    skus = [f"P{number}" for number in range(200)]
    products = imports.accept_upload(
        io.BytesIO(("sku,name\n" + "".join(f"{sku},x\n" for sku in skus)).encode()),
        "p",
        ImportKind.PRODUCTS,
        owner,
    )
    sales = [
        accept(owner, ("sku,date,quantity\n" + "".join(f"{sku},2024-01-0{day},1\n" for sku in skus)).encode())
        for day in (1, 2)
    ]
    threads = [
        threading.Thread(target=imports.run_import, args=(record.id,)) for record in (products, *sales)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows("SELECT count(*) FROM products") == [(200,)]
    assert rows("SELECT sum(quantity)::int FROM daily_sales") == [(400,)]


def test_nul_characters_cost_their_row_only(owner: Principal, data_folder: Path) -> None:
    content = "sku,date,quantity,no\0te\nA,2024-01-01,1,x\nB\0,2024-01-01,1,x\n".encode("utf-16")
    record = accept(owner, content)
    report = imports.run_import(record.id)
    assert (report["accepted"], report["rejected"]) == (1, 1)
    stored = imports.get(record.id, owner).report
    assert stored is not None
    assert stored["rejected_rows"][0]["value"] == "B\ufffd"


def test_rejected_rows_as_a_file_that_no_spreadsheet_runs(owner: Principal, data_folder: Path) -> None:
    record = accept(owner, b"sku,date,quantity\n" + b"A,2024-01-01,=cmd\n" * 1200)
    report = imports.run_import(record.id)
    assert len(report["rejected_rows"]) == 1000
    lines = imports.rejected_rows_file(record.id, owner).read_text().splitlines()
    assert len(lines) == 1201
    assert lines[1] == "2,quantity,'=cmd,quantity is not a number"


@pytest.mark.parametrize("stop_at", [0, 70, 76, 94])
def test_a_cancelled_import_leaves_nothing(
    owner: Principal, data_folder: Path, rows: Rows, stop_at: int
) -> None:
    record = accept(owner)

    def cancel(current: int, total: int, message: str = "") -> None:
        if current >= stop_at:
            raise TaskCancelled

    with pytest.raises(TaskCancelled):
        imports.run_import(record.id, cancel)
    assert rows("SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM transactions)") == [(0,)]
    assert [path.name for path in data_folder.iterdir()] == [f"{record.id}.csv"]
    assert imports.get(record.id, owner).report["status"] == "cancelled"
    assert imports.run_import(record.id)["inserted"] == 1


def test_a_refused_file_is_kept_for_a_look(owner: Principal, data_folder: Path) -> None:
    record = accept(owner, b"sku,date\nA,2024-01-01\n")
    with pytest.raises(FileRefused):
        imports.run_import(record.id)
    stored = imports.get(record.id, owner)
    assert stored.report["status"] == "failed"
    assert "'quantity'" in stored.report["message"]
    assert (data_folder / f"{record.id}.csv").exists()


def test_an_unexpected_failure_is_recorded_too(
    owner: Principal, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = accept(owner)
    monkeypatch.setattr("siprems_backend.services.imports.uploads.open_table", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        imports.run_import(record.id)
    assert imports.get(record.id, owner).report["status"] == "failed"


def test_the_option_to_move_stock_reaches_the_task(
    owner: Principal, data_folder: Path, rows: Rows, database: Database
) -> None:
    factories.make_product(database, "A", stock=10)
    imports.run_import(accept(owner, move_stock=True).id)
    assert rows("SELECT stock::int FROM products") == [(8,)]


@pytest.mark.parametrize(
    ("content", "error"), [(b"", Invalid), (b"\x00binary", UnsupportedFile), (b"PK\x03\x04", FileRefused)]
)
def test_unusable_uploads_are_refused_at_once(
    owner: Principal, data_folder: Path, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        accept(owner, content)
    assert list(data_folder.iterdir()) == []


def test_too_many_bytes_are_refused(
    owner: Principal, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = get_settings().model_copy(update={"max_upload_bytes": 10})
    monkeypatch.setattr(storage, "get_settings", lambda: small)
    with pytest.raises(TooLarge):
        accept(owner)
    assert list(small.data_dir.glob("imports/*")) == []


def test_a_full_volume_is_said_and_nothing_half_written_stays(
    owner: Principal, data_folder: Path, rows: Rows
) -> None:
    class FullVolume(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(5000)

    with pytest.raises(VolumeFull) as full:
        imports.accept_upload(FullVolume(FILE * 1000), "f", ImportKind.SALES, owner)
    assert full.value.status == 507
    assert list(data_folder.iterdir()) == []
    assert rows("SELECT count(*) FROM imports") == [(0,)]


def test_the_same_key_is_the_same_import(owner: Principal, data_folder: Path) -> None:
    first = accept(owner, idempotency_key="k-1")
    again = accept(owner, idempotency_key="k-1")
    assert again.id == first.id
    assert len(list(data_folder.iterdir())) == 1
    assert accept(owner, idempotency_key="k-2").id != first.id
    with pytest.raises(Invalid, match="another request"):
        accept(owner, FILE + b"B,2024-01-01,1\n", idempotency_key="k-1")
    with pytest.raises(Invalid, match="visible ASCII"):
        accept(owner, idempotency_key="ü")


def test_the_key_still_answers_after_the_import(owner: Principal, data_folder: Path) -> None:
    first = accept(owner, idempotency_key="k-1", move_stock=False)
    imports.run_import(first.id)
    assert accept(owner, idempotency_key="k-1").id == first.id


def test_old_files_go_and_young_ones_stay(owner: Principal, data_folder: Path, rows: Rows) -> None:
    waiting, failed = accept(owner), accept(owner, b"sku,date\nA,2024-01-01\n")
    with pytest.raises(FileRefused):
        imports.run_import(failed.id)
    lost = data_folder / f"{uuid4()}.partial"
    lost.write_bytes(b"half")
    (data_folder / "README").write_text("not ours")
    assert imports.forget_old_files() == 0
    old = (clock.now() - timedelta(hours=get_settings().finished_tasks_kept_hours + 1)).timestamp()
    for path in data_folder.iterdir():
        os.utime(path, (old, old))
    assert imports.forget_old_files() == 1
    assert {path.name for path in data_folder.iterdir()} == {
        f"{waiting.id}.csv",
        f"{failed.id}.csv",
        "README",
    }


def test_an_import_whose_file_was_cleaned_up_says_so(owner: Principal, data_folder: Path) -> None:
    record = accept(owner)
    storage.forget(record.id)
    with pytest.raises(NotFound, match="send it again"):
        imports.run_import(record.id)
    with pytest.raises(NotFound):
        imports.run_import(uuid4())


def test_only_the_owner_and_operators_see_an_import(
    owner: Principal, data_folder: Path, database: Database
) -> None:
    record = accept(owner)
    with pytest.raises(NotFound):
        imports.get(record.id, factories.make_principal(database, Role.ANALYST))
    operator = factories.make_principal(database, Role.OPERATOR)
    assert imports.get(record.id, operator).id == record.id
    with pytest.raises(NotFound, match="no list"):
        imports.rejected_rows_file(record.id, operator)

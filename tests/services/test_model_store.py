"""Models on the volume: atomic, encoded, versioned, never corrupt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.stores.model_store import ModelStore, NewModel, checksum
from siprems_backend.utils import atomic_file
from siprems_backend.utils.sku_filename import LONGEST, sku_filename

ODD_SKUS = [
    "A/B",
    "../../etc/passwd",
    "..",
    ".",
    "12 MACARON",
    "x@y",
    "Ünïcödé",
    "a" * 200,
    "é" * 200,
    "~",
    "%2F",
]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", tmp_path / "models" / "meta", versions_kept=2)


def save(store: ModelStore, sku: str, version: int, text: str) -> list[int]:
    data = text.encode()
    model = NewModel(sku, version, data, {"checksum": checksum(data), "version": version})
    return store.save([model])[sku]


def active(store: ModelStore, sku: str) -> Any:
    return next(iter(store.candidates(sku)), None)


@pytest.mark.parametrize("sku", ODD_SKUS)
def test_odd_skus_stay_inside_the_folder(store: ModelStore, tmp_path: Path, sku: str) -> None:
    save(store, sku, 1, "{}")
    assert active(store, sku).data == b"{}"
    outside = [path for path in tmp_path.iterdir() if path.name != "models"]
    assert outside == []
    names = [path.name for path in (tmp_path / "models").glob("model_*.json")]
    assert len(names) == 1
    store.forget(sku)
    assert active(store, sku) is None
    assert store.stamp(sku) is None


@given(st.lists(st.text(min_size=1, max_size=220), min_size=2, max_size=2, unique=True))
def test_file_names_are_distinct_and_safe(skus: list[str]) -> None:
    try:
        names = [sku_filename(sku) for sku in skus]
    except UnicodeEncodeError:
        return  # Lone surrogates are no text; they cannot come from JSON or the database.
    assert names[0] != names[1]
    for name in names:
        assert "/" not in name
        assert name not in {".", ".."}
        assert len(name.encode()) <= LONGEST


def test_plain_skus_keep_their_names() -> None:
    assert sku_filename("BRD-001") == "BRD-001"
    assert sku_filename("1111009477_x.y") == "1111009477_x.y"
    assert sku_filename("A/B") == "A%2FB"
    with pytest.raises(ValueError):
        sku_filename("")


def test_older_versions_are_kept_and_can_serve_again(store: ModelStore) -> None:
    for version in range(1, 6):
        kept = save(store, "A", version, f'{{"v": {version}}}')
    assert kept == [5, 4, 3]
    assert active(store, "A").meta["version"] == 5
    store.activate("A", 3)
    assert active(store, "A").data == b'{"v": 3}'
    store.activate("A", 3)
    with pytest.raises(FileNotFoundError):
        store.activate("A", 1)
    assert active(store, "A").data == b'{"v": 3}'


def test_the_stamp_changes_with_the_files(store: ModelStore) -> None:
    save(store, "A", 1, '{"v": 1}')
    before = store.stamp("A")
    save(store, "A", 2, '{"v": 2}')
    assert store.stamp("A") != before


def test_a_torn_pair_is_passed_over_for_the_last_good_version(store: ModelStore, tmp_path: Path) -> None:
    save(store, "A", 1, '{"v": 1}')
    save(store, "A", 2, '{"v": 2}')
    path = tmp_path / "models" / "model_A.json"
    path.unlink()
    path.write_bytes(b'{"v": ')
    assert active(store, "A").data == b'{"v": 2}'


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b'{"correction_factor": 1.0}'])
def test_models_of_the_earlier_version_load_whatever_their_metadata(
    store: ModelStore, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "models" / "meta").mkdir(parents=True)
    (tmp_path / "models" / "model_BRD-001.json").write_bytes(b"{}")
    (tmp_path / "models" / "meta" / "meta_BRD-001.json").write_bytes(content)
    found = active(store, "BRD-001")
    assert found.data == b"{}"
    assert found.meta == (orjson.loads(content) if content.startswith(b'{"') else {})


def test_a_full_disk_leaves_the_former_model_in_place(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, "A", 1, '{"v": 1}')

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(store, "A", 2, '{"v": 2}')
    monkeypatch.undo()
    assert active(store, "A").data == b'{"v": 1}'
    assert [path.name for path in (tmp_path / "models").rglob(".writing-*")] == []


def test_where_links_are_impossible_files_are_copied(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impossible(*_paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", impossible)
    save(store, "A", 1, '{"v": 1}')
    assert active(store, "A").data == b'{"v": 1}'

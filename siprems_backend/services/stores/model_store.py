"""Models on the shared volume: written atomically, read by web and workers, older versions kept.

MODELS_DIR/model_<sku>.json            the active model, exactly as Prophet's own serializer writes it
META_DIR/meta_<sku>.json               its metadata; `checksum` ties it to the model
MODELS_DIR/versions/<sku>/<n>.json     version n, and <n>.meta.json beside it
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from siprems_backend.utils.atomic_file import write_all_atomically
from siprems_backend.utils.sku_filename import sku_filename

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stamp:
    """Identity of a file's content without reading it: changes whenever the file is replaced."""

    modified_ns: int
    size: int
    inode: int


@dataclass(frozen=True)
class StoredModel:
    """A model and its metadata, read together. `meta` is empty where the file is missing or broken."""

    data: bytes
    meta: dict[str, Any]


@dataclass(frozen=True)
class NewModel:
    """A version to be written."""

    sku: str
    version: int
    data: bytes
    meta: Mapping[str, Any]


class ModelStore:
    """The folder of models."""

    def __init__(self, folder: Path, meta_folder: Path, versions_kept: int) -> None:
        self._folder = folder
        self._meta_folder = meta_folder
        self._versions_kept = versions_kept

    def stamp(self, sku: str) -> tuple[Stamp, Stamp | None] | None:
        """Stamps of the active model and its metadata; None when there is no model."""
        model = _stamp(self._model_path(sku))
        return None if model is None else (model, _stamp(self._meta_path(sku)))

    def candidates(self, sku: str) -> Iterator[StoredModel]:
        """The active model, then the kept versions from the newest on; torn pairs are left out.

        The caller takes the first one that it can use, so a corrupt file is never served.
        """
        active = _read_pair(self._model_path(sku), self._meta_path(sku))
        if active is not None:
            yield active
        for version in sorted(self.versions(sku), reverse=True):
            older = _read_pair(*self._version_paths(sku, version))
            if older is not None:
                yield older

    def save(self, models: Sequence[NewModel]) -> dict[str, list[int]]:
        """Write new versions and make them the active ones; the numbers of the versions left, by SKU.

        Raises:
            OSError: when the volume is full or away; the former active models are then still in place.
        """
        files: dict[Path, bytes] = {}
        for model in models:
            model_path, meta_path = self._version_paths(model.sku, model.version)
            files[model_path] = model.data
            files[meta_path] = orjson.dumps(dict(model.meta), option=orjson.OPT_INDENT_2)
        write_all_atomically(files)
        for model in models:
            self.activate(model.sku, model.version)
        return {model.sku: self._prune(model.sku) for model in models}

    def activate(self, sku: str, version: int) -> None:
        """Make a kept version the active one.

        Raises:
            FileNotFoundError: when the version is no longer kept.
        """
        model_path, meta_path = self._version_paths(sku, version)
        # The metadata last: a reader that sees new model and old metadata finds that the checksums differ.
        _put_in_place(model_path, self._model_path(sku))
        _put_in_place(meta_path, self._meta_path(sku))

    def versions(self, sku: str) -> list[int]:
        """Numbers of the kept versions, unordered."""
        folder = self._version_folder(sku)
        if not folder.is_dir():
            return []
        return [int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()]

    def forget(self, sku: str) -> None:
        """Remove everything of a SKU."""
        for path in (self._model_path(sku), self._meta_path(sku)):
            path.unlink(missing_ok=True)
        shutil.rmtree(self._version_folder(sku), ignore_errors=True)

    def _prune(self, sku: str) -> list[int]:
        """Keep the newest version and the wanted number before it."""
        numbers = sorted(self.versions(sku), reverse=True)
        kept = numbers[: self._versions_kept + 1]
        for number in numbers[self._versions_kept + 1 :]:
            for path in self._version_paths(sku, number):
                path.unlink(missing_ok=True)
        return kept

    def _model_path(self, sku: str) -> Path:
        return self._folder / f"model_{sku_filename(sku)}.json"

    def _meta_path(self, sku: str) -> Path:
        return self._meta_folder / f"meta_{sku_filename(sku)}.json"

    def _version_folder(self, sku: str) -> Path:
        return self._folder / "versions" / f"model_{sku_filename(sku)}"

    def _version_paths(self, sku: str, version: int) -> tuple[Path, Path]:
        folder = self._version_folder(sku)
        return folder / f"{version}.json", folder / f"{version}.meta.json"


def checksum(data: bytes) -> str:
    """SHA-256 of a model file, as its metadata holds it."""
    return hashlib.sha256(data).hexdigest()


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def _read_pair(model_path: Path, meta_path: Path) -> StoredModel | None:
    """Model and metadata that belong together; None when the model is missing, or not the metadata's."""
    # A swap between the two reads is over in a moment: one more look sees both files of the new version.
    for _ in range(2):
        try:
            data = model_path.read_bytes()
        except FileNotFoundError:
            return None
        meta = _read_meta(meta_path)
        expected = meta.get("checksum")
        # Metadata of the earlier version has no checksum; such a pair is taken as it is.
        if expected is None or expected == checksum(data):
            return StoredModel(data, meta)
    log.warning("model_and_metadata_differ", model=model_path.name)
    return None


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        meta = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return meta if isinstance(meta, dict) else {}


def _put_in_place(source: Path, target: Path) -> None:
    """Make `target` the same content as `source` in one step, sharing its disk space where possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".activating-{os.getpid()}-{target.name}"[:250])
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    try:
        try:
            os.link(source, temporary)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, temporary)
        # Renaming a link onto another link of the same file would leave both names in place.
        if target.exists() and target.samefile(temporary):
            temporary.unlink()
            return
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise

"""Where uploaded files wait, and where the lists of rejected rows stay: a folder of the data volume."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from siprems_backend.config import get_settings
from siprems_backend.errors import Invalid, ServiceError, TooLarge
from siprems_backend.services.imports.formats import SNIFFED_BYTES, FileFormat, check_workbook, sniff

PIECE = 256 * 1024
UNFINISHED = ".partial"
REJECTED = ".rejected.csv"
VOLUME_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Readable(Protocol):
    """Something that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


class VolumeFull(ServiceError):
    """The data volume has no room."""

    status = 507
    code = "volume_full"


@dataclass(frozen=True)
class StoredFile:
    """A file on the data volume."""

    path: Path
    sha256: str
    size: int


def folder() -> Path:
    """The folder; it is made when something is put there."""
    return get_settings().data_dir / "imports"


def rejected_rows_path(import_id: UUID) -> Path:
    """Where an import lists its rejected rows."""
    return folder() / f"{import_id}{REJECTED}"


def uploaded_path(import_id: UUID) -> Path | None:
    """The uploaded file of an import, as long as it is kept."""
    return received(folder(), import_id)


def received(home: Path, file_id: UUID) -> Path | None:
    """The file that was received under this id, as long as it is kept."""
    candidates = (home / f"{file_id}.{kind}" for kind in FileFormat)
    return next((path for path in candidates if path.exists()), None)


def receive(stream: Readable, import_id: UUID) -> StoredFile:
    """Write an upload to the folder of imports, see `receive_into`."""
    return receive_into(stream, folder(), import_id, get_settings().max_upload_bytes)


def receive_into(stream: Readable, home: Path, file_id: UUID, largest: int) -> StoredFile:
    """Write an upload to the volume piece by piece; nothing stays behind if it cannot be used.

    It is named by its id and ends with the format that its content has.

    Raises:
        Invalid: the upload is empty.
        TooLarge: it has more than `largest` bytes.
        UnsupportedFile: it is no format that we read.
        VolumeFull: there is no room for it.
    """
    unfinished = home / f"{file_id}{UNFINISHED}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        kind, sha256, size = _write(stream, unfinished, largest)
        if kind is FileFormat.XLSX:
            check_workbook(unfinished)
        path = home / f"{file_id}.{kind}"
        unfinished.replace(path)
    except OSError as error:
        if error.errno in VOLUME_FULL:
            raise VolumeFull("There is no room for the file on the server; ask its operator.") from None
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    return StoredFile(path, sha256, size)


def digest(path: Path) -> StoredFile:
    """Describe a file that is already on a disk."""
    with path.open("rb") as file:
        return StoredFile(path, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def forget(import_id: UUID) -> None:
    """Remove the uploaded file of an import."""
    path = uploaded_path(import_id)
    if path is not None:
        path.unlink(missing_ok=True)


def import_ids() -> dict[UUID, list[Path]]:
    """The imports that have files here, with their files."""
    return files_by_id(folder())


def files_by_id(home: Path) -> dict[UUID, list[Path]]:
    """The files of a folder that are named by ids."""
    found: dict[UUID, list[Path]] = {}
    for path in home.glob("*"):
        try:
            found.setdefault(UUID(path.name[:36]), []).append(path)
        except ValueError:
            continue
    return found


def written_before(path: Path, moment: datetime) -> bool:
    """Whether the file was last written before `moment`; a file that has gone was."""
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return True


def _write(stream: Readable, path: Path, largest: int) -> tuple[FileFormat, str, int]:
    head = _read_head(stream)
    kind = sniff(head)
    checksum, size, piece = hashlib.sha256(), 0, head
    with path.open("wb") as file:
        while piece:
            size += len(piece)
            if size > largest:
                raise TooLarge(f"The file is larger than {largest:,} bytes; pack or split it.")
            checksum.update(piece)
            file.write(piece)
            piece = stream.read(PIECE)
    return kind, checksum.hexdigest(), size


def _read_head(stream: Readable) -> bytes:
    """Enough bytes to tell the format, even when they arrive in small pieces."""
    head = b""
    while len(head) < SNIFFED_BYTES and (piece := stream.read(PIECE)):
        head += piece
    if not head:
        raise Invalid("The file is empty.", code="empty_file", fields={"file": ["The file is empty."]})
    return head

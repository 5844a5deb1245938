"""Log files of processes that do not rotate their own."""

import shutil
from pathlib import Path

MAX_BYTES = 10_000_000


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, or an empty text where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 20_000))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def rotate(path: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Move a large log's content to ``<name>.1``; returns whether it was large.

    The file itself is kept and emptied: its writer holds it open, in append mode.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
    except FileNotFoundError:
        return False
    shutil.copyfile(path, path.with_name(path.name + ".1"))
    with path.open("r+b") as log:
        log.truncate(0)
    return True

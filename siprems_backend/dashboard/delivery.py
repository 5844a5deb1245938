"""How answers travel to browsers: what they may keep, and compressed where that is worth it."""

from __future__ import annotations

import gzip

from dash.fingerprint import check_fingerprint
from flask import Request, Response

from siprems_backend.dashboard.paths import HOME

FILES = (f"{HOME}assets/", f"{HOME}_dash-component-suites/")
YEAR = 31_536_000
# Below this the headers of a packet weigh more.
WORTH_IT = 1_000
COMPRESSIBLE = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)
FILE_LEVEL, ANSWER_LEVEL = 6, 3
# More than the pages load; the packages have others, which nobody asks for.
MOST_KEPT = 100
_KEPT: dict[tuple[str, int], bytes] = {}


def is_file(request: Request) -> bool:
    """Whether scripts, styles or pictures are asked for, which are the same for everybody."""
    return request.path.startswith(FILES)


def let_keep(request: Request, response: Response) -> None:
    """Say how long a file may be kept: for ever if its address changes with it, else asked for each time.

    Parts of packages that are loaded when they are needed have the same address in every version: kept
    without asking, those of an old version would be run with the new one.
    """
    if response.status_code not in {200, 304}:
        return
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if _names_its_version(request) else "public, no-cache"
    )


def _names_its_version(request: Request) -> bool:
    return bool({"m", "v"} & request.args.keys()) or check_fingerprint(request.path)[1]


def compress(request: Request, response: Response) -> None:
    """Compress an answer if the browser takes it so; a file once for all who ask."""
    if response.status_code != 200 or response.mimetype not in COMPRESSIBLE or response.content_encoding:
        return
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or "Range" in request.headers:
        return
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) < WORTH_IT:
        return
    response.set_data(
        _of_file(request.path, plain) if is_file(request) else gzip.compress(plain, ANSWER_LEVEL, mtime=0)
    )
    response.content_encoding = "gzip"
    response.headers.pop("Accept-Ranges", None)
    tag, _ = response.get_etag()
    if tag:
        # The same content, yet not the same bytes as without compression.
        response.set_etag(tag, weak=True)
        response.make_conditional(request)


def _of_file(path: str, plain: bytes) -> bytes:
    """The compressed file; the address and the length stand for its content as long as a process lives."""
    known = _KEPT.get((path, len(plain)))
    if known is None:
        known = gzip.compress(plain, FILE_LEVEL, mtime=0)
        if len(_KEPT) < MOST_KEPT:
            _KEPT[path, len(plain)] = known
    return known

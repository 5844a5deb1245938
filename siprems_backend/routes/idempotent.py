"""POST routes that create may be sent again under the same `Idempotency-Key` without creating twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import wraps
from typing import Any

import orjson
import structlog
from flask import Response, current_app, request
from werkzeug.datastructures import FileStorage

from siprems_backend.routes.guards import current_principal
from siprems_backend.services import idempotency

log = structlog.get_logger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
PARAMETER = {
    **KEY,
    "description": (
        "A key of the client's choice, such as a UUID. The same request under the same key is served once: "
        f"for 24 hours its answer is given again, with `{REPLAYED}: true`. Answers with a status of 500 or "
        "above are not kept. 409 `request_in_progress` while the first request is being served; 422 "
        "`idempotency_key_reused` for another request under the same key."
    ),
}
TASK_PARAMETER = {
    **KEY,
    "description": (
        "A key of the client's choice, such as a UUID. The same request under the same key is answered with "
        "the same task; 422 `idempotency_key_reused` for another request under the same key."
    ),
}
View = Callable[..., Any]


def idempotent(view: View) -> View:
    """Serve a request with a key once and repeat its answer; stands above `@blueprint.arguments`."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        claim = idempotency.claim(current_principal().user_id, key, fingerprint())
        if claim.answer is not None:
            return _again(claim.answer)
        response = _serve(view, *args, **kwargs)
        _settle(claim, response)
        return response

    once._apidoc = _documented(view, PARAMETER)  # type: ignore[attr-defined]
    return once


def submits_once(view: View) -> View:
    """Document the header of a view whose service finds the task of an earlier request by the key."""
    view._apidoc = _documented(view, TASK_PARAMETER)  # type: ignore[attr-defined]
    return view


def _serve(view: View, *args: Any, **kwargs: Any) -> Response:
    """The answer of the view, or that of the error it raised: refusals are answers too."""
    try:
        return current_app.make_response(view(*args, **kwargs))
    except Exception as error:
        return current_app.make_response(current_app.handle_user_exception(error))


def _settle(claim: idempotency.Claim, response: Response) -> None:
    """Keep the answer; when that fails the claim runs out by itself, and the client still gets its answer."""
    try:
        if response.status_code >= 500:
            idempotency.release(claim)
            return
        answer = idempotency.Answer(
            response.status_code,
            response.get_data(as_text=True),
            response.mimetype or "application/json",
            response.headers.get("Location"),
        )
        idempotency.keep(claim, answer)
    except Exception:
        log.exception("idempotent_answer_not_kept", key=claim.key)


def _again(answer: idempotency.Answer) -> Response:
    response = Response(answer.text, status=answer.status, mimetype=answer.mimetype)
    response.headers[REPLAYED] = "true"
    if answer.location is not None:
        response.headers["Location"] = answer.location
    return response


def fingerprint() -> str:
    """Digest of what the request asks: an alias path and its canonical twin ask the same."""
    digest = hashlib.sha256()
    for part in (request.endpoint, request.view_args, sorted(request.args.items(multi=True))):
        digest.update(orjson.dumps(part, option=orjson.OPT_SORT_KEYS) + b"\n")
    for piece in _body():
        digest.update(piece)
    return digest.hexdigest()


def _body() -> Iterator[bytes]:
    if request.mimetype == "multipart/form-data":
        # The boundary between the parts differs from one attempt to the next; the parts do not.
        yield orjson.dumps(sorted(request.form.items(multi=True)))
        for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
            yield orjson.dumps([name, file.filename])
            yield _digest(file)
    else:
        yield request.get_data(cache=True)


def _digest(file: FileStorage) -> bytes:
    start = file.stream.tell()
    digest = hashlib.file_digest(file.stream, "sha256").digest()  # type: ignore[arg-type]
    file.stream.seek(start)
    return digest


def _documented(view: View, parameter: dict[str, Any]) -> dict[str, Any]:
    """The view's documentation with the header added."""
    documentation = deepcopy(getattr(view, "_apidoc", {}))
    documentation.setdefault("arguments", {}).setdefault("parameters", []).append(dict(parameter))
    return documentation

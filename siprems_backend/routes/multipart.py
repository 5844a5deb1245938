"""Uploads read as they arrive: no copy in memory, none in a temporary folder."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData

PIECE = 64 * 1024
MOST_PARTS = 20
# What names, headers and boundaries may add to the file itself.
ENVELOPE_BYTES = 64 * 1024


class UploadedPart:
    """The content of one file in a multipart request, read once from front to end."""

    def __init__(self, decoder: MultipartDecoder, filename: str) -> None:
        self.filename = filename
        self._decoder = decoder
        self._more = True

    def read(self, _size: int, /) -> bytes:
        """The next bytes, a piece as large as it came; none at the end.

        Raises:
            BadRequest: the request ended in the middle of the file.
        """
        while self._more:
            event = _next_event(self._decoder)
            if not isinstance(event, Data):
                break
            self._more = event.more_data
            if event.data:
                return event.data
        return b""


def uploaded_part(field: str, largest: int) -> UploadedPart:
    """Find the file of a form field; `largest` bytes may come.

    Raises:
        RequestEntityTooLarge: more bytes are announced, or come.
        UnsupportedMediaType: the request is no multipart form.
        UnprocessableEntity: the form has no such file.
        BadRequest: the form is malformed.
    """
    request.max_content_length = largest + ENVELOPE_BYTES
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise UnsupportedMediaType(f"Send multipart/form-data with the file in the field '{field}'.")
    decoder = MultipartDecoder(boundary.encode(), max_parts=MOST_PARTS)
    while not isinstance(event := _next_event(decoder), Epilogue):
        if isinstance(event, File) and event.name == field and event.filename:
            return UploadedPart(decoder, event.filename)
    error = UnprocessableEntity(f"The form has no file in the field '{field}'.")
    error.data = {"errors": {field: ["Missing file."]}}  # type: ignore[attr-defined]
    raise error


def _next_event(decoder: MultipartDecoder) -> object:
    """Decode until something is found, reading as much of the request as that takes."""
    try:
        while isinstance(event := decoder.next_event(), NeedData):
            decoder.receive_data(request.stream.read(PIECE) or None)
    except ValueError:
        raise BadRequest("The multipart form is malformed or was cut off.") from None
    return event

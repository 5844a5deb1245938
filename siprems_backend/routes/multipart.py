"""Uploads read as they arrive: no copy in memory, none in a temporary folder."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

PIECE = 64 * 1024
MOST_PARTS = 20
# What names, headers and boundaries may add to the file itself.
ENVELOPE_BYTES = 64 * 1024
LONGEST_TEXT = 16 * 1024


class UploadedPart:
    """The content of one file in a multipart request, read once from front to end.

    `fields` has the form's texts: those before the file at once, those after it when it was read to its end.
    """

    def __init__(self, decoder: MultipartDecoder, filename: str, fields: dict[str, str]) -> None:
        self.filename = filename
        self.fields = fields
        self._decoder = decoder
        self._more = True

    def read(self, _size: int, /) -> bytes:
        """The next bytes, a piece as large as it came; none at the end.

        Raises:
            BadRequest: the request ended in the middle of the file, or goes on in an unreadable way.
        """
        while self._more:
            event = _next_event(self._decoder)
            self._more = isinstance(event, Data) and event.more_data
            if not self._more:
                last = event.data if isinstance(event, Data) else b""
                self._read_the_rest()
                return last
            if isinstance(event, Data) and event.data:
                return event.data
        return b""

    def _read_the_rest(self) -> None:
        while not isinstance(event := _next_event(self._decoder), Epilogue):
            if isinstance(event, Field):
                self.fields[event.name] = _text(self._decoder)


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
    fields: dict[str, str] = {}
    while not isinstance(event := _next_event(decoder), Epilogue):
        if isinstance(event, File) and event.name == field and event.filename:
            return UploadedPart(decoder, event.filename, fields)
        if isinstance(event, Field):
            fields[event.name] = _text(decoder)
    error = UnprocessableEntity(f"The form has no file in the field '{field}'.")
    error.data = {"errors": {field: ["Missing file."]}}  # type: ignore[attr-defined]
    raise error


def _text(decoder: MultipartDecoder) -> str:
    """The text of the form field that comes next."""
    text, more = b"", True
    while more:
        event = _next_event(decoder)
        if not isinstance(event, Data):
            break
        text, more = text + event.data, event.more_data
        if len(text) > LONGEST_TEXT:
            raise BadRequest(f"A text field of the form is longer than {LONGEST_TEXT:,} bytes.")
    return text.decode(errors="replace")


def _next_event(decoder: MultipartDecoder) -> object:
    """Decode until something is found, reading as much of the request as that takes."""
    try:
        while isinstance(event := decoder.next_event(), NeedData):
            decoder.receive_data(request.stream.read(PIECE) or None)
    except ValueError:
        raise BadRequest("The multipart form is malformed or was cut off.") from None
    return event

"""Blueprints whose routes read requests strictly."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import flask_smorest
import marshmallow as ma
from flask import Request, current_app
from webargs.flaskparser import FlaskParser
from webargs.flaskparser import abort as refuse


@cache
def _instance(schema: type[ma.Schema]) -> ma.Schema:
    """The one instance of a schema: it keeps nothing of a request, and making one copies all its fields."""
    return schema()


class StrictParser(FlaskParser):
    """Bodies are JSON as RFC 8259 has it, and nothing is passed over silently.

    The library's own reader takes NaN and halves of surrogate pairs, which no answer could repeat and no
    table could keep, and fails on deep nesting and very long numbers.
    """

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def _get_schema(self, argmap: Any, req: Request) -> ma.Schema:
        if isinstance(argmap, type) and issubclass(argmap, ma.Schema):
            return _instance(argmap)
        schema: ma.Schema = super()._get_schema(argmap, req)
        return schema

    def _raw_load_json(self, req: Request) -> Any:
        if not req.is_json:
            if req.content_length:
                refuse(415, message="Send the body as JSON, with Content-Type: application/json.")
            return ma.missing
        body = req.get_data(cache=True)
        if not body:
            return ma.missing
        try:
            read = current_app.json.loads(body)
        except ValueError as error:
            refuse(400, messages={"json": [f"This is not JSON: {error}."]})
        if not isinstance(read, dict):
            refuse(422, messages={"json": ["Must be an object, with names and values in braces."]})
        return read


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()

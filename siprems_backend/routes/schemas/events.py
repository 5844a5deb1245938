"""Events as JSON."""

from __future__ import annotations

import datetime as dt

import marshmallow as ma

from siprems_backend.routes.schemas.fields import Line, Moment
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import DateRangeSchema, PageQuerySchema, PageSchema, sort_field

FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2100, 12, 31)
TYPE = {
    "description": "`holiday`, `promotion`, `festival`, `closure`, `event` (the default) or your own word"
}


class NewEventSchema(ma.Schema):
    """An event to add, or to put in another's place."""

    name = Line(200, required=True)
    date = ma.fields.Date(required=True, validate=Between(FIRST_DAY, LAST_DAY))
    type = Line(40, metadata=TYPE)
    description = Line(1000, allow_none=True)
    country = Line(8, allow_none=True, metadata={"examples": ["DE", "DE-SH"]})
    include_in_prediction = ma.fields.Boolean(metadata={"description": "True by default"})


class EventSchema(ma.Schema):
    """An event."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    date = ma.fields.Date()
    type = ma.fields.String()
    description = ma.fields.String(allow_none=True)
    country = ma.fields.String(allow_none=True)
    include_in_prediction = ma.fields.Boolean()
    created_at = Moment()


class EventPageSchema(PageSchema):
    """One page of events."""

    items = ma.fields.List(ma.fields.Nested(EventSchema), required=True)


class EventQuerySchema(PageQuerySchema, DateRangeSchema):
    """Which events are listed: those that match all filters."""

    type = Line(40, attribute="kind")
    country = Line(8)
    include_in_prediction = ma.fields.Boolean()
    search = Line(200, may_be_empty=True, metadata={"description": "Part of a name, in any case"})
    sort = sort_field("date", "date", "name", "type", "id")


class CountryHolidaysSchema(ma.Schema):
    """Whose holidays are wanted, and for which years."""

    country = Line(3, required=True, metadata={"description": "ISO 3166 code", "examples": ["DE"]})
    years = ma.fields.List(
        ma.fields.Integer(strict=True, validate=Between(1990, 2100)),
        required=True,
        validate=ma.validate.Length(1, 10),
        metadata={"examples": [[2025, 2026]]},
    )
    subdivision = Line(
        40,
        load_default=None,
        allow_none=True,
        metadata={"description": "Code of a state, province or canton", "examples": ["SH"]},
    )


class AddedHolidaysSchema(ma.Schema):
    """What became of them."""

    country = ma.fields.String()
    subdivision = ma.fields.String(allow_none=True)
    years = ma.fields.List(ma.fields.Integer())
    created = ma.fields.Integer(metadata={"description": "Events that are new"})
    unchanged = ma.fields.Integer(
        metadata={"description": "Events that were there already, kept as they are"}
    )

"""Pages of lists: what all lists take and answer."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from siprems_backend.routes.schemas.fields import PageQuery
from siprems_backend.utils.pagination import PageRequest


class PageQuerySchema(PageQuery):
    """Which page of a list is wanted; it arrives as `request`, a `PageRequest`."""

    @ma.post_load
    def _request(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        request = PageRequest(data.pop("page"), data.pop("page_size"))
        return {**data, "request": request}


class DateRangeSchema(ma.Schema):
    """A range of dates, open where one is missing."""

    date_from = ma.fields.Date(metadata={"description": "First date that counts"})
    date_to = ma.fields.Date(metadata={"description": "Last date that counts"})

    @ma.validates_schema
    def _in_order(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "date_from" in data and "date_to" in data and data["date_from"] > data["date_to"]:
            raise ma.ValidationError("Must not be before date_from.", "date_to")


class PageSchema(ma.Schema):
    """One page of a list; lists add `items`."""

    page = ma.fields.Integer(required=True)
    page_size = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True, metadata={"description": "Items on all pages"})


def sort_field(default: str, *columns: str) -> ma.fields.String:
    """A query parameter that names the column to sort by, with `-` in front for falling order."""
    choices = [sign + column for column in columns for sign in ("", "-")]
    return ma.fields.String(load_default=default, validate=ma.validate.OneOf(choices))

"""Accounts."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Line, Moment, PageQuery
from siprems_backend.utils.roles import Role

LONGEST_SEARCH = 200


class UserSchema(ma.Schema):
    """An account, without its secrets."""

    id = fields.Integer()
    email = fields.String()
    full_name = fields.String()
    role = fields.String(validate=validate.OneOf(list(Role)))
    is_active = fields.Boolean()
    created_at = Moment()
    last_login_at = Moment(allow_none=True)


class UserPageSchema(ma.Schema):
    """One page of accounts."""

    items = fields.List(fields.Nested(UserSchema))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class UserQuery(PageQuery):
    """Which accounts."""

    search = Line(
        LONGEST_SEARCH, may_be_empty=True, metadata={"description": "Part of an e-mail address or name"}
    )
    role = fields.Enum(Role, by_value=True)
    is_active = fields.Boolean()


class UserChange(ma.Schema):
    """What to change; it acts at once."""

    role = fields.Enum(Role, by_value=True)
    is_active = fields.Boolean()

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data:
            raise ma.ValidationError("Give role, is_active or both.")

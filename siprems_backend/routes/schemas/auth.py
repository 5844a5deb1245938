"""Signing up and in, passwords and API keys."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from siprems_backend.routes.schemas.fields import Moment, PageQuery
from siprems_backend.routes.schemas.users import UserSchema
from siprems_backend.services import passwords
from siprems_backend.utils.roles import Role

# The services say what is acceptable; this only keeps absurd sizes away from them.
LONGEST_TEXT = 1000
LONGEST_TOKEN = 4096


def _text(**kwargs: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT), **kwargs)


def _password(description: str = "") -> fields.String:
    return _text(load_only=True, metadata={"format": "password", "description": description})


def _new_password() -> fields.String:
    return _password(f"{passwords.SHORTEST} to {passwords.LONGEST} characters")


class Registration(ma.Schema):
    """A new account."""

    email = _text(metadata={"format": "email"})
    full_name = _text()
    password = _new_password()


class RegisteredSchema(ma.Schema):
    """The account made."""

    message = fields.String()
    user = fields.Nested(UserSchema)


class Credentials(ma.Schema):
    """What a person knows."""

    email = _text(metadata={"format": "email"})
    password = _password()


class TokenPairSchema(ma.Schema):
    """Tokens of a session."""

    access_token = fields.String(metadata={"description": "For `Authorization: Bearer`"})
    refresh_token = fields.String(metadata={"description": "For one call of /auth/refresh"})


class SignedInSchema(TokenPairSchema):
    """A session and whose it is."""

    user = fields.Nested(UserSchema)


class RefreshBody(ma.Schema):
    """The refresh token, unless it is in the Authorization header."""

    refresh_token = fields.String(validate=validate.Length(1, LONGEST_TOKEN))


class MessageSchema(ma.Schema):
    """What happened."""

    message = fields.String()


class PasswordChangeBody(ma.Schema):
    """The old password and the new one."""

    current_password = _password()
    new_password = _new_password()
    keep_api_keys = fields.Boolean(
        load_default=False, metadata={"description": "Leave the machines' keys as they are"}
    )


class PasswordChangedSchema(MessageSchema):
    """What the change ended."""

    sessions_ended = fields.Integer()
    api_keys_revoked = fields.Integer()


class ApiKeyBody(ma.Schema):
    """A key to make."""

    name = _text(metadata={"description": "What uses it"})
    role = fields.Enum(Role, by_value=True, load_default=Role.VIEWER)
    expires_at = Moment(allow_none=True, load_default=None)


class ApiKeySchema(ma.Schema):
    """What is known of a key."""

    id = fields.Integer()
    name = fields.String()
    prefix = fields.String(metadata={"description": "The key's first characters"})
    role = fields.String(validate=validate.OneOf(list(Role)))
    created_at = Moment()
    expires_at = Moment(allow_none=True)
    last_used_at = Moment(allow_none=True)
    revoked_at = Moment(allow_none=True)

    owner = fields.String(metadata={"description": "E-mail address"})


class CreatedApiKeySchema(ApiKeySchema):
    """A new key, this once with the key itself."""

    key = fields.String(metadata={"description": "For `X-API-Key`; it is never shown again"})


class ApiKeyPageSchema(ma.Schema):
    """One page of keys."""

    items = fields.List(fields.Nested(ApiKeySchema))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class ApiKeyQuery(PageQuery):
    """Whose keys."""

    all = fields.Boolean(load_default=False, metadata={"description": "Of all users, for administrators"})

"""Limits of values, told in one plain sentence."""

from __future__ import annotations

from marshmallow import validate


class Between(validate.Range):
    """A value between two limits, which are allowed themselves."""

    message_all = "Must be between {{min}} and {{max}}."

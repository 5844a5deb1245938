"""Classes of products: as filters, and as they are shown."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.services.product_classes import CHOICES

MEANING = {
    "demand_class": "How the product sells: smooth, erratic (often, uneven amounts), intermittent (seldom), "
    "lumpy (seldom, uneven amounts)",
    "abc": "By value: A sells most of the money, C little",
    "xyz": "By how much demand varies from week to week: X hardly, Z wildly",
}


def _filter(name: str) -> ma.fields.String:
    return ma.fields.String(
        validate=ma.validate.OneOf(CHOICES[name]), metadata={"description": MEANING[name]}
    )


def _shown(name: str) -> ma.fields.String:
    return ma.fields.String(
        allow_none=True,
        validate=ma.validate.OneOf(CHOICES[name]),
        metadata={"description": f"{MEANING[name]}; null until the nightly run, or where too little sold"},
    )


class ClassesQuery(ma.Schema):
    """Only products of these classes."""

    demand_class = _filter("demand_class")
    abc = _filter("abc")
    xyz = _filter("xyz")


class ClassesSchema(ma.Schema):
    """The classes a product is in."""

    demand_class = _shown("demand_class")
    abc = _shown("abc")
    xyz = _shown("xyz")

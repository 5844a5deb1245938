"""Parameters of ordering as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from siprems_backend.routes.schemas.fields import LARGEST_QUANTITY, Amount, Line
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.suppliers import DeliveryFieldsSchema
from siprems_backend.services.replenishment.parameters import POLICIES

LONGEST_SHELF_LIFE_DAYS = 3650


def _said(description: str) -> dict[str, str]:
    return {"description": description}


class ServiceLevel(Amount):
    """A probability of not running out, from a half to nearly certain."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(0, 1, **kwargs)
        self.validators = [Between(0.5, 0.9999)]


class ParametersSchema(DeliveryFieldsSchema):
    """What can be said of ordering; null says nothing (or takes back what was said)."""

    supplier = Line(200, allow_none=True, metadata=_said("Name of a supplier of `/suppliers`"))
    service_level = ServiceLevel(
        allow_none=True,
        metadata=_said(
            "Probability of not running out before the next delivery, 0.5 to 0.9999; the shop's is shared "
            "out among its products, more for what sells most"
        ),
    )
    service_by_costs = ma.fields.Boolean(
        allow_none=True,
        metadata=_said("Whether price, cost, salvage and holding cost decide instead of service_level"),
    )
    policy = ma.fields.String(
        allow_none=True,
        validate=ma.validate.OneOf(POLICIES),
        metadata=_said(
            "periodic (R,S) fills up at every review, min_max (s,S) below a level, fixed_quantity (R,Q) by "
            "one quantity, newsvendor what sells before it spoils; auto chooses"
        ),
    )
    holding_rate = Amount(
        0, 10, allow_none=True, metadata=_said("Cost of a year in stock in parts of the purchase price")
    )
    salvage_rate = Amount(0, 1, allow_none=True, metadata=_said("What leftovers bring, in parts of it"))
    min_order_quantity = Amount(0, LARGEST_QUANTITY, allow_none=True)
    pack_size = Amount(
        0, LARGEST_QUANTITY, zero=False, allow_none=True, metadata=_said("Orders are multiples of it")
    )
    shelf_life_days = ma.fields.Integer(
        strict=True,
        allow_none=True,
        validate=Between(1, LONGEST_SHELF_LIFE_DAYS),
        metadata=_said("Days from delivery on which it can be sold; null: it keeps"),
    )
    max_stock = Amount(0, LARGEST_QUANTITY, allow_none=True, metadata=_said("Units that there is room for"))


class SaidSchema(ma.Schema):
    """What is said here; null: nothing."""

    scope = ma.fields.String(validate=ma.validate.OneOf(["product", "category", "shop"]))
    own = ma.fields.Nested(ParametersSchema)


class HoldingSchema(SaidSchema):
    """What is said here, what holds, and who says it."""

    effective = ma.fields.Nested(ParametersSchema)
    sources = ma.fields.Dict(
        ma.fields.String(),
        ma.fields.String(validate=ma.validate.OneOf(["product", "category", "supplier", "shop", "default"])),
        metadata=_said("Which of product, category, supplier, shop or built-in default says each"),
    )

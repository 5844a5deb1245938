"""The plan as JSON."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.routes.schemas.classes import ClassesSchema
from siprems_backend.routes.schemas.fields import Line
from siprems_backend.routes.schemas.orders import URGENCIES, PlanFilterSchema
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field

SORTS = (
    "urgency",
    "sku",
    "name",
    "category",
    "supplier",
    "stockout_date",
    "order_by",
    "days_of_cover",
    "recommended",
    "value",
    "expected_profit",
)
LARGEST_CAPITAL = 10**12


def _told(description: str) -> dict[str, str]:
    return {"description": description}


def _number(key: str, description: str) -> ma.fields.Float:
    return ma.fields.Float(data_key=key, allow_none=True, metadata=_told(description))


def _date(key: str, description: str) -> ma.fields.Date:
    return ma.fields.Date(data_key=key, allow_none=True, metadata=_told(description))


class LineFieldsSchema(ma.Schema):
    """What the plan says of a product; null where it is not known, or beyond a year."""

    product_id = ma.fields.Integer(data_key="productId")
    sku = ma.fields.String()
    name = ma.fields.String(data_key="productName")
    current_stock = ma.fields.Float(data_key="currentStock")
    on_order = _number("onOrder", "Units that were ordered and have not come")
    on_order_in_time = _number("onOrderInTime", "Those of them that come before the delivery after the next")
    on_draft = _number("onDraft", "Units in drafts, which do not count as ordered")
    predicted_demand = _number("predictedDemand", "Over lead time and review period")
    recommended = _number("recommendedRestock", "Units to order")
    urgency = ma.fields.String(attribute="urgency_name", validate=ma.validate.OneOf(URGENCIES))
    reorder_point = _number("reorderPoint", "Order when less is there and on its way")
    safety_stock = _number("safetyStock", "What of that is beyond the expected demand")
    order_up_to = _number("orderUpTo", "Up to which level")
    days_of_cover = _number("daysOfCover", "How long the stock lasts, without deliveries")
    stockout_date = _date("stockoutDate", "The day on which it is expected to end, with deliveries")
    order_by = _date("orderBy", "The last day on which an order still comes in time")
    arrives_on = _date("arrivesOn", "When an order of today comes")
    lasts_until = _date("lastsUntil", "Until when it has to last")
    service_level = _number("serviceLevel", "Probability of not running out that is aimed at")
    service_now = _number("serviceNow", "That probability without the order")
    service_with = _number("serviceWith", "That probability with it")
    expected_cost = _number("expectedCost", "Ordering, holding and lost sales until the next delivery")
    expected_profit = _number("expectedProfit", "What the order earns beyond what is earned without it")
    value = _number("value", "Purchase price of the order")
    pack_size = _number("packSize", "Units of a pack")
    policy = ma.fields.String()
    limited_by = ma.fields.String(
        data_key="limitedBy",
        allow_none=True,
        metadata=_told("What rounded or cut it: pack, minimum, shelf_life, max_stock"),
    )
    reason = ma.fields.String(metadata=_told("Why, in one sentence"))
    reason_key = ma.fields.String(data_key="reasonKey", metadata=_told("Which sentence it is"))
    reason_values = ma.fields.Dict(data_key="reasonValues", metadata=_told("The numbers and days in it"))


class PlanLineSchema(LineFieldsSchema, ClassesSchema):
    """A line of the plan."""

    category = ma.fields.String(allow_none=True)
    supplier = ma.fields.String(allow_none=True)
    unit = ma.fields.String()
    funded_units = _number("fundedRestock", "Units that the capital buys, where it is limited")
    funded_value = _number("fundedValue", "What they cost")


class PlanSumsSchema(ma.Schema):
    """Counts and sums of lines."""

    lines = ma.fields.Integer()
    to_order = ma.fields.Integer(data_key="toOrder", metadata=_told("Lines that propose something"))
    high = ma.fields.Integer()
    medium = ma.fields.Integer()
    low = ma.fields.Integer()
    units = ma.fields.Float()
    value = ma.fields.Float(metadata=_told("At purchase prices"))
    without_cost = ma.fields.Integer(
        data_key="withoutCost", metadata=_told("Lines that propose something of unknown purchase price")
    )
    expected_cost = _number("expectedCost", "Of the lines where it is known")


class SpendingSchema(ma.Schema):
    """What limited money buys."""

    capital = ma.fields.Float()
    spent = ma.fields.Float()
    expected_profit = ma.fields.Float(data_key="expectedProfit")
    lines = ma.fields.Function(lambda spending: len(spending.funded), metadata={"type": "integer"})


class PlanPageSchema(PageSchema):
    """One page of the plan, and sums of all lines that match."""

    plan_date = ma.fields.Date(data_key="planDate", metadata=_told("The day that is planned for"))
    stale = ma.fields.Integer(
        metadata=_told("Lines that changed and are being made anew by a worker; 0: everything is up to date")
    )
    totals = ma.fields.Nested(PlanSumsSchema)
    capital = ma.fields.Nested(SpendingSchema, attribute="funded", allow_none=True)
    items = ma.fields.List(ma.fields.Nested(PlanLineSchema), required=True)


class PlanWantedSchema(PlanFilterSchema):
    """Which lines: those that match all filters."""

    search = Line(200, may_be_empty=True, metadata=_told("Part of a SKU or name, in any case"))
    to_order = ma.fields.Boolean(metadata=_told("Whether they propose something"))


class PlanViewSchema(PlanWantedSchema):
    """Which lines, in which order, for how much money."""

    sort = sort_field("urgency", *SORTS)
    capital = ma.fields.Float(
        attribute="money",
        validate=ma.validate.Range(0, LARGEST_CAPITAL),
        metadata=_told("Money to spend: lines come by profit for money then, and say what they get of it"),
    )


class PlanQuerySchema(PageQuerySchema, PlanViewSchema):
    """A page of the plan."""


class PlanExportSchema(PlanViewSchema):
    """The plan as a file."""

    format = ma.fields.String(
        load_default="csv", attribute="file_format", validate=ma.validate.OneOf(["csv", "xlsx", "parquet"])
    )


class SupplierSumsSchema(PlanSumsSchema):
    """Sums of a supplier's lines."""

    supplier = ma.fields.String(allow_none=True)
    supplier_id = ma.fields.Integer(data_key="supplierId", allow_none=True)
    minimum_order_value = _number("minimumOrderValue", "Orders below it are not taken")
    below_minimum = ma.fields.Function(
        lambda row: row.minimum_order_value is not None and 0 < row.value < row.minimum_order_value,
        data_key="belowMinimum",
        metadata={"type": "boolean"},
    )


class SupplierPlanSchema(ma.Schema):
    """The plan by supplier."""

    plan_date = ma.fields.Date(data_key="planDate")
    stale = ma.fields.Integer()
    items = ma.fields.List(ma.fields.Nested(SupplierSumsSchema))

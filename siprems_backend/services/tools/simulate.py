"""What orders would have come to in the shop's own past: the plan beside simpler rules, as files."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import seller_queries
from siprems_backend.services.demand import Demand, load_demand
from siprems_backend.services.histories import load_shop
from siprems_backend.services.simulation import outputs
from siprems_backend.services.simulation.conditions import REVIEWS, Conditions
from siprems_backend.services.simulation.running import simulate
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import OutputKind, Parameters, Tool, ToolContext
from siprems_backend.utils.roles import Role
from siprems_engine.inventory.policies import Policy

NAMES = tuple(field.name for field in fields(Conditions))
CSV = "text/csv; charset=utf-8"


def run(parameters: Parameters, context: ToolContext) -> dict[str, Any]:
    """Replay, then write the report and the tables; the figures of all products together."""
    conditions = Conditions(**{name: parameters[name] for name in NAMES if name in parameters})
    demand = _demand(parameters, conditions)
    grid = demand.grid.until(demand.last)
    found = simulate(grid, demand.skus, conditions, on_progress=context.report)
    for name, make in outputs.MAKERS.items():
        context.output(name).write_bytes(make(found, conditions))
    return found.summary()


def prepare(parameters: Parameters) -> Parameters:
    """Clean the filters; see that price and cost come together."""
    final = shop_filters.cleaned(parameters)
    if ("price" in final) != ("unit_cost" in final):
        raise Invalid("Give price and unit_cost together, or neither.", code="invalid_parameters")
    whole = ("reviews", "review_days", "shelf_life_days", "products")
    return {name: int(value) if name in whole else value for name, value in final.items()}


def _demand(parameters: Parameters, conditions: Conditions) -> Demand:
    """Return what is known of the products asked for, of which those that sold most come first."""
    skus = parameters.get("product_skus")
    if skus is not None:
        shop_filters.require_products(skus)
    with database.reading() as session:
        shop = load_shop(session)
        if not len(shop.open_days):
            raise Invalid("There are no sales yet; record or import sales first.", code="not_enough_data")
        since = shop.open_days[-1] - conditions.reviews * conditions.review_days
        sellers = seller_queries.best_sellers(
            session,
            since.astype(object),
            parameters["products"] if skus is None else len(skus),
            skus=skus,
            category=parameters.get("category"),
        )
        if not sellers:
            raise Invalid("No product with sales in this time matches; widen the filter.", code="no_products")
        return load_demand(session, [seller.id for seller in sellers], 1)


def _number(description: str, **limits: Any) -> dict[str, Any]:
    return {"type": "number", "description": description, **limits}


def _whole(description: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high, "description": description, **more}


TOOL = Tool(
    name="simulate",
    title="Simulation of orders",
    description=(
        "Replays the shop's past with orders by the plan, from the forecasts that could have been made at "
        "each review, beside the earlier rule (forecast minus stock), fixed levels from averages, and the "
        "best fixed levels in hindsight: service, stock, waste and cost."
    ),
    role=Role.ANALYST,
    properties={
        "product_skus": shop_filters.PRODUCT_SKUS,
        "category": shop_filters.CATEGORY,
        "products": _whole("Most products to look at: those that sold most", 1, 10_000, default=500),
        "reviews": _whole("Reviews of the past to replay", 1, 520, default=REVIEWS),
        "review_days": _whole("Days from one chance to order to the next", 1, 364, default=7),
        "lead_time_days": _number("Days from order to delivery", minimum=0, maximum=365, default=7),
        "lead_time_sd_days": _number("Standard deviation of that", minimum=0, maximum=180, default=0),
        "service_level": _number(
            "Share of times between deliveries in which nothing should be missing; without it what price and "
            "cost ask for, or 0.95",
            minimum=0.5,
            maximum=0.9999,
        ),
        "pack_size": _number("Units in a pack", exclusiveMinimum=0, maximum=1e9, default=1),
        "min_order_quantity": _number("Least units of an order", minimum=0, maximum=1e9, default=0),
        "shelf_life_days": _whole("Days that a delivery keeps", 1, 3650),
        "max_stock": _number("Units there is room for", exclusiveMinimum=0, maximum=1e12),
        "unit_cost": _number("What a unit costs to buy", exclusiveMinimum=0, maximum=1e9),
        "price": _number("What a unit sells for", exclusiveMinimum=0, maximum=1e9),
        "salvage_rate": _number("What an expired unit brings, of the cost", minimum=0, maximum=1, default=0),
        "holding_rate": _number("Cost of a year in stock, of the cost", minimum=0, maximum=10, default=0.25),
        "ordering_cost": _number("Cost of an order line", minimum=0, maximum=1e9, default=0),
        "policy": {
            "type": "string",
            "enum": [policy.value for policy in Policy],
            "default": Policy.AUTO.value,
            "description": "How the plan orders; auto chooses for each product",
        },
    },
    prepare=prepare,
    outputs=(
        OutputKind(outputs.PAGE, "text/html; charset=utf-8", "The report, for reading and printing"),
        OutputKind(outputs.PICTURE, "image/png", "Service for stock, and stock over time"),
        OutputKind(outputs.RULES, CSV, "Figures of every rule"),
        OutputKind(outputs.PRODUCTS, CSV, "Figures of every product and rule"),
    ),
    run=run,
)

"""How good forecasts were that were really made: of one product, and of the shop."""

from __future__ import annotations

from typing import Any

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import protect
from siprems_backend.routes.schemas.accuracy import (
    OverviewQuery,
    OverviewSchema,
    ProductAccuracySchema,
    ProductQuery,
)
from siprems_backend.services import catalogue
from siprems_backend.services.accuracy import views
from siprems_backend.utils.roles import Role

blueprint = Blueprint("accuracy", __name__, description="Forecasts that were made, beside what then sold")
# One blueprint for two words: a product's accuracy stands below the product.
PREFIX = ""
protect(blueprint, Role.VIEWER)


@blueprint.get("/products/<sku:sku>/accuracy")
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, ProductAccuracySchema)
def of_product(query: dict[str, Any], sku: str) -> Any:
    """Show how good a product's forecasts were, and its last days as they were forecast and as they came."""
    return views.product(catalogue.clean_sku(sku), query["days"])


@blueprint.get("/accuracy/overview")
@blueprint.arguments(OverviewQuery, location="query")
@blueprint.response(200, OverviewSchema)
def overview(query: dict[str, Any]) -> Any:
    """Show how good all forecasts were, by day, category and class, and which products to look at."""
    return views.overview(query.pop("days"), query.pop("limit"), **query)

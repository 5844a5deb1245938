"""Forecasts of categories and of the whole shop."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import protect
from siprems_backend.routes.schemas.group_forecasts import CategoryForecastSchema, ShopForecastSchema
from siprems_backend.services.group_forecasts import views
from siprems_backend.utils.roles import Role

blueprint = Blueprint(
    "group_forecasts",
    __name__,
    description="What categories and the shop will sell: on every date the sum of what is stored of their "
    "products, with quantiles of its own. A category in a path is percent-encoded, its slashes too.",
)
# One blueprint for two words: categories, and the shop they make up.
PREFIX = ""
protect(blueprint, Role.VIEWER)


@blueprint.get("/categories/<sku:category>/forecast")
@blueprint.response(200, CategoryForecastSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`category_not_found`, `forecast_not_found`")
def of_category(category: str) -> Any:
    """Show what the products of a category will sell together."""
    return views.of_category(category)


@blueprint.get("/shop/forecast")
@blueprint.response(200, ShopForecastSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`forecast_not_found`")
def of_shop() -> Any:
    """Show what all products will sell together, and what each category contributes."""
    return views.of_shop()


@blueprint.get("/shop/forecast/uncategorised")
@blueprint.response(200, CategoryForecastSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`category_not_found`, `forecast_not_found`")
def of_uncategorised() -> Any:
    """Show what the products without a category will sell together."""
    return views.of_uncategorised()

"""Parameters of ordering: of products, of categories, of the shop."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.schemas.replenishment_parameters import (
    HoldingSchema,
    ParametersSchema,
    SaidSchema,
)
from siprems_backend.services.catalogue import clean_category
from siprems_backend.services.replenishment import parameters
from siprems_backend.utils.roles import Role

# One blueprint for three places, since they take and tell the same.
PREFIX = ""
OF_PRODUCT = "/products/<sku:sku>/replenishment"
OF_CATEGORY = "/categories/<sku:category>/replenishment"
OF_SHOP = "/replenishment/settings"
blueprint = Blueprint(
    "replenishment_parameters",
    __name__,
    description="How products are ordered. What is said of a product goes before what is said of its "
    "category, that before its supplier's word, and that before the shop's. Reading takes the role viewer, "
    "changing analyst.",
)
protect(blueprint, Role.VIEWER)
UNKNOWN_PRODUCT = "`product_not_found`"
UNKNOWN_SUPPLIER = "`supplier_not_found`"
UNKNOWN_CATEGORY = "`category_not_found`"


@blueprint.get(OF_PRODUCT)
@blueprint.response(200, HoldingSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN_PRODUCT)
def get_product_parameters(sku: str) -> Any:
    """What is said of a product, what holds for it, and who says it."""
    return parameters.of_product(sku)


@blueprint.patch(OF_PRODUCT)
@requires(Role.ANALYST)
@blueprint.arguments(ParametersSchema)
@blueprint.response(200, HoldingSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{UNKNOWN_PRODUCT} or {UNKNOWN_SUPPLIER}")
def change_product_parameters(values: dict[str, Any], sku: str) -> Any:
    """Say something of a product; null takes it back. The plan follows."""
    return parameters.change_product(sku, values, current_principal().user_id)


@blueprint.delete(OF_PRODUCT)
@requires(Role.ANALYST)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN_PRODUCT)
def clear_product_parameters(sku: str) -> None:
    """Take back all that was said of a product."""
    parameters.clear_product(sku, current_principal().user_id)


@blueprint.get(OF_CATEGORY)
@blueprint.response(200, SaidSchema)
@blueprint.alt_response(422, schema=ErrorSchema, description=UNKNOWN_CATEGORY)
def get_category_parameters(category: str) -> Any:
    """What is said of a category."""
    return parameters.of_category(clean_category(category))


@blueprint.patch(OF_CATEGORY)
@requires(Role.ANALYST)
@blueprint.arguments(ParametersSchema)
@blueprint.response(200, SaidSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN_SUPPLIER)
@blueprint.alt_response(422, schema=ErrorSchema, description=UNKNOWN_CATEGORY)
def change_category_parameters(values: dict[str, Any], category: str) -> Any:
    """Say something of all products of a category that is not said of them; null takes it back."""
    return parameters.change_category(clean_category(category), values, current_principal().user_id)


@blueprint.delete(OF_CATEGORY)
@requires(Role.ANALYST)
@blueprint.response(204)
def clear_category_parameters(category: str) -> None:
    """Take back all that was said of a category."""
    parameters.clear_category(clean_category(category), current_principal().user_id)


@blueprint.get(OF_SHOP)
@blueprint.response(200, HoldingSchema)
def get_shop_parameters() -> Any:
    """The shop's defaults, and those built in where it says nothing."""
    return parameters.of_shop()


@blueprint.patch(OF_SHOP)
@requires(Role.ANALYST)
@blueprint.arguments(ParametersSchema)
@blueprint.response(200, HoldingSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN_SUPPLIER)
def change_shop_parameters(values: dict[str, Any]) -> Any:
    """Say what holds where nothing nearer is said; null takes it back."""
    return parameters.change_shop(values, current_principal().user_id)

"""The catalogue."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.products import (
    CatalogueStatsSchema,
    NewProductSchema,
    ProductChangesSchema,
    ProductPageSchema,
    ProductQuerySchema,
    ProductSchema,
    RemovedProductSchema,
)
from siprems_backend.services import catalogue
from siprems_backend.utils.roles import Role

PREFIX = "/products"
blueprint = Blueprint(
    "products",
    __name__,
    description="The catalogue. A SKU in a path is percent-encoded, its slashes too (`A/B` is `A%2FB`). "
    "Reading takes the role viewer, changing analyst.",
)
protect(blueprint, Role.VIEWER)

REMOVED = {
    "deleted": "The product was never sold and is deleted.",
    "deactivated": "The product has sales or orders, which stay; it is not sold any more (is_active: false).",
}


@blueprint.get("")
@blueprint.arguments(ProductQuerySchema, location="query")
@blueprint.response(200, ProductPageSchema)
def list_products(query: dict[str, Any]) -> Any:
    """Products that match all filters."""
    return catalogue.list_products(**query)


@blueprint.post("")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(NewProductSchema)
@blueprint.response(201, ProductSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description="The SKU is taken (`product_exists`)")
def create_product(values: dict[str, Any]) -> Any:
    """Add a product."""
    return catalogue.create(values)


@blueprint.get("/stats")
@blueprint.response(200, CatalogueStatsSchema)
def catalogue_stats() -> Any:
    """Counts and stock values, in all and by category.

    A product whose SKU is `stats` is reached by `GET /products?sku=stats`.
    """
    return catalogue.stats()


@blueprint.get("/<sku:sku>")
@blueprint.response(200, ProductSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
def get_product(sku: str) -> Any:
    """One product."""
    return catalogue.get(sku)


@blueprint.put("/<sku:sku>")
@requires(Role.ANALYST)
@blueprint.arguments(ProductChangesSchema)
@blueprint.response(200, ProductSchema)
@blueprint.alt_response(201, schema=ProductSchema, description="The product is new", success=True)
def put_product(values: dict[str, Any], sku: str) -> Any:
    """Create the product or replace it.

    Fields that are not given get their defaults, except the stock, which stays as it is.
    """
    product, created = catalogue.put(sku, values)
    return product, 201 if created else 200


@blueprint.patch("/<sku:sku>")
@requires(Role.ANALYST)
@blueprint.arguments(ProductChangesSchema)
@blueprint.response(200, ProductSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
def patch_product(values: dict[str, Any], sku: str) -> Any:
    """Change only the fields given."""
    return catalogue.patch(sku, values)


@blueprint.delete("/<sku:sku>")
@requires(Role.ANALYST)
@blueprint.response(200, RemovedProductSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
def delete_product(sku: str) -> Any:
    """Delete a product that was never sold or ordered; others are deactivated, and `status` says so."""
    outcome = catalogue.remove(sku, current_principal().user_id)
    return {"sku": catalogue.clean_sku(sku), "status": outcome, "message": REMOVED[outcome]}

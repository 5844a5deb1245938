"""Planned promotions."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.promotions import (
    NewPromotionSchema,
    PromotionChangesSchema,
    PromotionPageSchema,
    PromotionQuerySchema,
    PromotionSchema,
)
from siprems_backend.services import promotions
from siprems_backend.utils.roles import Role

PREFIX = "/promotions"
ONE_PROMOTION = f"/<int(max={2**63 - 1}):promotion_id>"
blueprint = Blueprint(
    "promotions",
    __name__,
    description="Planned promotions: what forecasts know of the promotions of coming days. Plans may "
    "overlap. Reading takes the role viewer, changing analyst.",
)
protect(blueprint, Role.VIEWER)
UNKNOWN = "`promotion_not_found`"
UNKNOWN_PRODUCT = "`product_not_found`"
TAKEN = "The same is planned already (`promotion_exists`)"


@blueprint.get("")
@blueprint.arguments(PromotionQuerySchema, location="query")
@blueprint.response(200, PromotionPageSchema)
def list_promotions(query: dict[str, Any]) -> Any:
    """Planned promotions that match all filters."""
    return promotions.list_promotions(**query)


@blueprint.post("")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(NewPromotionSchema)
@blueprint.response(201, PromotionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN_PRODUCT)
@blueprint.alt_response(409, schema=ErrorSchema, description=TAKEN)
def create_promotion(values: dict[str, Any]) -> Any:
    """Plan a promotion of a product or a category."""
    return promotions.create(values, current_principal().user_id)


@blueprint.get(ONE_PROMOTION)
@blueprint.response(200, PromotionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
def get_promotion(promotion_id: int) -> Any:
    """One planned promotion."""
    return promotions.get(promotion_id)


@blueprint.put(ONE_PROMOTION)
@requires(Role.ANALYST)
@blueprint.arguments(NewPromotionSchema)
@blueprint.response(200, PromotionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{UNKNOWN} or {UNKNOWN_PRODUCT}")
@blueprint.alt_response(409, schema=ErrorSchema, description=TAKEN)
def replace_promotion(values: dict[str, Any], promotion_id: int) -> Any:
    """Replace a planned promotion."""
    return promotions.replace(promotion_id, values, current_principal().user_id)


@blueprint.patch(ONE_PROMOTION)
@requires(Role.ANALYST)
@blueprint.arguments(PromotionChangesSchema)
@blueprint.response(200, PromotionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
@blueprint.alt_response(409, schema=ErrorSchema, description=TAKEN)
def change_promotion(values: dict[str, Any], promotion_id: int) -> Any:
    """Change the days or the name of a planned promotion."""
    return promotions.change(promotion_id, values, current_principal().user_id)


@blueprint.delete(ONE_PROMOTION)
@requires(Role.ANALYST)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
def delete_promotion(promotion_id: int) -> None:
    """Delete a planned promotion."""
    promotions.remove(promotion_id, current_principal().user_id)

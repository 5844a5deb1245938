"""A product's stored forecast and the versions of its model."""

from __future__ import annotations

from typing import Any

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.schemas.predict import (
    ComponentsSchema,
    ModelVersionSchema,
    ModelVersionsSchema,
    NoBody,
    StoredForecastQuery,
    StoredForecastSchema,
)
from siprems_backend.services import catalogue, model_repository, stored_forecasts
from siprems_backend.utils.roles import Role

blueprint = Blueprint("product_models", __name__, description="Stored forecasts and model versions")
PREFIX = "/products"
protect(blueprint, Role.VIEWER)


@blueprint.get("/<sku:sku>/forecast")
@blueprint.arguments(StoredForecastQuery, location="query")
@blueprint.response(200, StoredForecastSchema)
def stored_forecast(query: dict[str, Any], sku: str) -> Any:
    """Show the latest stored forecast."""
    return stored_forecasts.stored_forecast(catalogue.clean_sku(sku), query.get("engine"))


@blueprint.get("/<sku:sku>/forecast/components")
@blueprint.response(200, ComponentsSchema)
def components(sku: str) -> Any:
    """Show what the forecast is made of, and why by these engines."""
    return stored_forecasts.components(catalogue.clean_sku(sku))


@blueprint.get("/<sku:sku>/models")
@blueprint.response(200, ModelVersionsSchema)
def versions(sku: str) -> Any:
    """List the versions of the product's model."""
    sku = catalogue.clean_sku(sku)
    return {"product_sku": sku, "models": model_repository.versions(sku)}


@blueprint.post("/<sku:sku>/models/<int:version>/activate")
@requires(Role.ANALYST)
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, ModelVersionSchema)
def activate(_body: dict[str, Any], sku: str, version: int) -> Any:
    """Serve an earlier version again."""
    return model_repository.activate(catalogue.clean_sku(sku), version, current_principal())

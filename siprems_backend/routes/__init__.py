"""HTTP: one file per resource. A route parses, calls one service and dumps its answer."""

from __future__ import annotations

from types import ModuleType

from flask import Flask
from flask_smorest import Api

from siprems_backend.routes import (
    accuracy,
    auth,
    bulk_tasks,
    celery,
    datasets,
    docs,
    events,
    exports,
    group_forecasts,
    health,
    imports,
    metrics,
    notifications,
    orders,
    pipeline_models,
    pipelines,
    predict,
    product_models,
    products,
    promotions,
    replenishment,
    replenishment_parameters,
    schedules,
    suppliers,
    task_files,
    tasks,
    tools,
    train,
    transactions,
    users,
    webhooks,
    workflow_tasks,
    workflows,
)
from siprems_backend.routes.aliases import CANONICAL, register_aliases
from siprems_backend.routes.converters import SkuConverter
from siprems_backend.routes.error_handlers import register_error_handlers
from siprems_backend.routes.request_context import register_request_context
from siprems_backend.routes.request_metrics import register_request_metrics
from siprems_backend.routes.security_headers import register_security_headers
from siprems_backend.routes.token_errors import register_token_errors

RESOURCES: tuple[ModuleType, ...] = (
    accuracy,
    auth,
    bulk_tasks,
    celery,
    datasets,
    events,
    exports,
    group_forecasts,
    imports,
    notifications,
    orders,
    pipeline_models,
    pipelines,
    predict,
    product_models,
    products,
    promotions,
    replenishment,
    replenishment_parameters,
    schedules,
    suppliers,
    task_files,
    tasks,
    tools,
    train,
    transactions,
    users,
    webhooks,
    workflow_tasks,
    workflows,
)


def register_routes(app: Flask, api: Api) -> None:
    """Register every resource below the canonical prefix, then the aliases beside them."""
    app.url_map.merge_slashes = False
    app.url_map.converters["sku"] = SkuConverter
    register_request_metrics(app)
    register_request_context(app)
    register_error_handlers(app)
    register_token_errors(app)
    register_security_headers(app)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint, url_prefix=CANONICAL + resource.PREFIX)
    register_aliases(app)

"""The application factory."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from siprems_backend.cli import register_commands
from siprems_backend.config import Settings, get_settings
from siprems_backend.dashboard import mount_dashboard, sign_in_page
from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.cache import cache, connection_options
from siprems_backend.extensions.database import database
from siprems_backend.extensions.queue import bind_queue
from siprems_backend.extensions.web import api, cors, jwt, limiter
from siprems_backend.routes import register_routes
from siprems_backend.routes.browser_sessions import register_browser_sessions
from siprems_backend.utils.logs import configure_logging


class FastJson(DefaultJSONProvider):
    """orjson in Flask's place: dates as ISO 8601, UTC as Z, NaN as null."""

    OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Serialize to text."""
        return orjson.dumps(obj, option=self.OPTIONS, default=DefaultJSONProvider.default).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Parse text; NaN and Infinity are not JSON and are refused."""
        return orjson.loads(s)


def create_app(settings: Settings | None = None) -> Flask:
    """Settings, extensions, routes, error handlers, dashboard, commands, in this order."""
    settings = settings or get_settings()
    configure_logging(settings.log_level, settings.log_format)
    app = Flask("siprems_backend", static_folder=None)
    app.json = FastJson(app)
    app.config.from_mapping(_flask_config(settings))
    _bind_extensions(app, settings)
    register_routes(app, api)
    mount_dashboard(app)
    register_browser_sessions(app, sign_in_page)
    register_commands(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _bind_extensions(app: Flask, settings: Settings) -> None:
    database.bind(settings)
    broker.bind(settings)
    cache.bind(settings)
    bind_queue(settings, impatient=True)
    jwt.init_app(app)
    limiter.init_app(app)
    cors.init_app(app, resources={r"/*": {"origins": list(settings.cors_allowed_origins)}})
    api.init_app(app)
    api.describe_security()


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "MAX_CONTENT_LENGTH": settings.max_request_bytes,
        "PROPAGATE_EXCEPTIONS": False,
        "API_TITLE": "SIPREMS",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "JWT_SECRET_KEY": settings.jwt_secret_key.get_secret_value(),
        "JWT_ACCESS_TOKEN_EXPIRES": settings.access_token_minutes * 60,
        "JWT_REFRESH_TOKEN_EXPIRES": settings.refresh_token_days * 86_400,
        "JWT_TOKEN_LOCATION": ["headers"],
        "RATELIMIT_STORAGE_URI": settings.cache_url,
        "RATELIMIT_STRATEGY": "moving-window",
        "RATELIMIT_STORAGE_OPTIONS": connection_options(),
    }

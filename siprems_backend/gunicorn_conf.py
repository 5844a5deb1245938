"""How gunicorn serves the application; every number comes from the settings."""

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database

_settings = get_settings()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
timeout = 120
graceful_timeout = 30
keepalive = 5
preload_app = True
accesslog = None
loglevel = "warning"
limit_request_line = 8190


def post_fork(_server: object, _worker: object) -> None:
    """Connections opened before the fork belong to the parent."""
    database.forget_connections()

"""How gunicorn serves the application; every number comes from the settings."""

from siprems_backend.config import get_settings
from siprems_backend.extensions import metrics_files
from siprems_backend.extensions.database import database

_settings = get_settings()
if _settings.metrics_token.get_secret_value():
    # Before the application is loaded, so that all processes count together from the first request on.
    metrics_files.share()

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


def child_exit(_server: object, _worker: object) -> None:
    """Keep what the process counted, in one file for all that have ended."""
    metrics_files.fold()

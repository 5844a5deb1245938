"""The environment of the backend's processes."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from siprems_local.home import CHECKOUT, Home
from siprems_local.instance import Instance
from siprems_local.ports import LOOPBACK

# Marks every process of an instance, so that leftovers of a killed one can be told from anything else.
MARKER = "SIPREMS_INSTANCE"


def uses_own_database(environ: Mapping[str, str]) -> bool:
    """Whether the embedded PostgreSQL is needed: a database named in the environment wins over it."""
    return not (environ.get("DATABASE_URL") or environ.get("DB_HOST"))


def uses_own_broker(environ: Mapping[str, str]) -> bool:
    """Whether the embedded Valkey is needed."""
    return not environ.get("REDIS_URL")


def backend_environment(
    environ: Mapping[str, str], home: Home, instance: Instance, database_url: str, broker_url: str
) -> dict[str, str]:
    """The environment for the backend: what the user set stays, the rest comes from the instance."""
    made = {
        "SIPREMS_ENV": "development",
        "JWT_SECRET_KEY": instance.jwt_secret_key,
        "MODELS_DIR": str(home.path / "models"),
        "DATA_DIR": str(home.path / "data"),
        "HOST": LOOPBACK,
        "DEMO_EMAIL": instance.demo_email,
        "DEMO_PASSWORD": instance.demo_password,
        "PYTHONUNBUFFERED": "1",
        # Settings come from here, not from whatever .env lies above the present folder.
        "FLASK_SKIP_DOTENV": "1",
    }
    kept = dict(environ)
    if uses_own_database(environ):
        # Variables of libpq would bend the connection to our own server.
        kept = {name: value for name, value in kept.items() if not name.startswith("PG")}
        made["DATABASE_URL"] = database_url
    if uses_own_broker(environ):
        made |= {
            "REDIS_URL": broker_url,
            "CELERY_BROKER_URL": f"{broker_url}/0",
            "CELERY_RESULT_BACKEND": f"{broker_url}/1",
            "CACHE_URL": f"{broker_url}/2",
        }
    if "MODELS_DIR" not in environ:
        made["MODELS_META_DIR"] = str(home.path / "models" / "meta")
    set_by_user = {name: value for name, value in kept.items() if value != "" or name not in made}
    return made | set_by_user | {"PYTHONPATH": str(CHECKOUT), "PATH": _search_path(environ)}


def _search_path(environ: Mapping[str, str]) -> str:
    """PATH with this environment's programs first: scripts find our ``celery``, not another."""
    own = str(Path(sys.executable).parent)
    others = [part for part in environ.get("PATH", os.defpath).split(os.pathsep) if part != own]
    return os.pathsep.join([own, *others])

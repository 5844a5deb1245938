"""The doctor's look at settings and secrets. That the process runs shows that all settings can be used."""

from __future__ import annotations

from urllib.parse import urlsplit

from siprems_backend.config import MINIMUM_SECRET_LENGTH, Settings, get_settings
from siprems_backend.services.checks import Finding, State, fine

SHORTEST_PASSWORD = 12
LOCAL_HOSTS = frozenset({"", "localhost", "127.0.0.1", "::1"})


def settings() -> Finding:
    """What kind of instance this is."""
    found = get_settings()
    message = f"complete, for {found.siprems_env}"
    if found.siprems_env == "production" and found.open_registration:
        advice = "Set OPEN_REGISTRATION=false once the first user, who becomes admin, has registered."
        return Finding(State.WARNING, f"{message}; anybody may register", advice)
    return fine(message)


def secrets() -> Finding:
    """Whether keys and passwords are long enough not to be guessed; production refuses a weak key anyway."""
    found = get_settings()
    weak = list(_weak_secrets(found))
    if not weak:
        return fine("long enough")
    advice = "Make each with `openssl rand -hex 32` and set it where the server and the backend read it."
    return Finding(State.WARNING, "missing or short: " + ", ".join(weak), advice)


def _weak_secrets(found: Settings) -> list[str]:
    weak = []
    if len(found.jwt_secret_key.get_secret_value()) < MINIMUM_SECRET_LENGTH:
        weak.append("JWT_SECRET_KEY")
    servers = {
        "the database's password": found.database_url,
        "the broker's password": found.celery_broker_url,
        "the result backend's password": found.celery_result_backend,
        "the cache's password": found.cache_url,
    }
    return weak + [name for name, url in servers.items() if _is_exposed(url)]


def _is_exposed(url: str) -> bool:
    """Whether a server that other machines may reach has a short password or none."""
    parts = urlsplit(url)
    return (parts.hostname or "") not in LOCAL_HOSTS and len(parts.password or "") < SHORTEST_PASSWORD

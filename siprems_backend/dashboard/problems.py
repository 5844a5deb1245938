"""What goes wrong in a callback, shown as a notification in plain words; the page stays as it is."""

from __future__ import annotations

import structlog
from dash import no_update, set_props

from siprems_backend.dashboard.language import known, say
from siprems_backend.errors import ServiceError
from siprems_backend.services.availability import DATABASE_AWAY

log = structlog.get_logger(__name__)

NOTIFICATIONS = "notifications"


def show(error: Exception) -> object:
    """Tell the person what happened; what nobody foresaw is logged and told without details."""
    if not isinstance(error, ServiceError):
        log.error("dashboard_error", exc_info=error)
    notify(words(error), title=say("problem.title"), color="red")
    return no_update


def words(error: Exception) -> str:
    """A sentence in the caller's language where there is one, else the service's own."""
    if isinstance(error, DATABASE_AWAY):
        return say("error.database_unavailable")
    if not isinstance(error, ServiceError):
        return say("error.internal_error")
    key = f"error.{error.code}"
    return say(key) if known(key) else error.message


def notify(message: str, *, title: str = "", color: str = "teal") -> None:
    """Show a notification beside whatever the callback answers."""
    note = {"action": "show", "message": message, "color": color, "autoClose": 8000}
    if title:
        note["title"] = title
    set_props(NOTIFICATIONS, {"sendNotifications": [note]})

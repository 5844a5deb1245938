"""The reader's language, theme and time zone, from cookies that say nothing about the person."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from flask import has_request_context, request

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
LANGUAGE_COOKIE = "siprems_language"
THEME_COOKIE = "siprems_theme"
ZONE_COOKIE = "siprems_zone"
THEMES = ("light", "dark", "auto")
Theme = Literal["light", "dark", "auto"]


def current_language() -> str:
    """The chosen language, else the browser's first that we speak, else English."""
    if not has_request_context():
        return "en"
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def current_theme() -> Theme:
    """The chosen colours; `auto` follows the device."""
    chosen = request.cookies.get(THEME_COOKIE) if has_request_context() else None
    return "light" if chosen == "light" else "dark" if chosen == "dark" else "auto"


def zone_name() -> str:
    """The IANA name of the device's time zone."""
    return str(current_zone())


def current_zone() -> tzinfo:
    """The time zone of the device; UTC where it is not known."""
    return _zone(unquote(request.cookies.get(ZONE_COOKIE, "UTC")) if has_request_context() else "UTC")


@lru_cache(maxsize=100)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")

"""Addresses of the dashboard's pages."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlencode

HOME = "/app/"


def path_to(*parts: object, **query: object) -> str:
    """The address of a page: `path_to("products", sku)`; each part is encoded, slashes too."""
    path = HOME + "/".join(quote(str(part), safe="") for part in parts)
    return f"{path}?{urlencode(query)}" if query else path


def parts_of(path: str) -> tuple[str, ...]:
    """The decoded parts of an address of a page, as the browser has it."""
    inside = path.removeprefix(HOME.rstrip("/")).strip("/")
    return tuple(unquote(part) for part in inside.split("/")) if inside else ()

"""Buttons in lists that are made anew all the time.

Dash runs the callbacks of every component that appears, so a list of a hundred buttons would call a hundred
times. These carry what they do as data; one listener in `assets/actions.js` tells the store of that action.
"""

from __future__ import annotations

from typing import Any

from dash import Input, dcc
from dash.development.base_component import Component


def does(action: str, value: object, *, confirm: str | None = None) -> dict[str, Any]:
    """Attributes of something to press; with `confirm` the person is asked first."""
    asked = {"data-confirm": confirm} if confirm else {}
    return {"data-action": action, "data-value": str(value), **asked}


def store(action: str) -> Component:
    """Where presses arrive; stands once on a page that has such buttons."""
    return dcc.Store(id=f"do-{action}")


def pressed(action: str) -> Input:
    """The callback's input: `{"value": ..., "at": ...}`."""
    return Input(f"do-{action}", "data")

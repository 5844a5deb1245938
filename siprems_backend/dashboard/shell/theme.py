"""Colours, letters and corners of all components; further rules stand in `assets/`."""

from __future__ import annotations

from typing import Any

FONT = (
    'Inter, "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, "Noto Sans", '
    "system-ui, sans-serif"
)
THEME: dict[str, Any] = {
    "primaryColor": "teal",
    "primaryShade": {"light": 7, "dark": 7},
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT, "fontWeight": "650"},
    "defaultRadius": "md",
    "cursorType": "pointer",
    "respectReducedMotion": True,
    "colors": {
        "teal": [
            "#eef9f6",
            "#d6f0ea",
            "#addfd5",
            "#7fcdbe",
            "#57bba8",
            "#37a592",
            "#248c7b",
            "#187466",
            "#135c51",
            "#0d463e",
        ],
        "dark": [
            "#d7dde0",
            "#b9c2c7",
            "#97a3aa",
            "#66737b",
            "#3f4a51",
            "#313b41",
            "#262f34",
            "#1c2327",
            "#161c1f",
            "#101517",
        ],
    },
    "components": {
        "Paper": {"defaultProps": {"withBorder": True, "p": "md"}},
        "Card": {"defaultProps": {"withBorder": True}},
        "Table": {"defaultProps": {"verticalSpacing": "xs", "horizontalSpacing": "sm"}},
        "Progress": {"defaultProps": {"radius": "xl"}},
        "Tooltip": {"defaultProps": {"withArrow": True, "multiline": True, "maw": 320}},
        "Badge": {"defaultProps": {"variant": "light", "radius": "sm", "tt": "none"}},
    },
}

"""The HTML document that carries the application, in the reader's language and colours from the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash
from secure import ContentSecurityPolicy

from siprems_backend.dashboard.files import file_url
from siprems_backend.dashboard.language import current_language
from siprems_backend.dashboard.language.choice import current_theme

TEMPLATE = """<!DOCTYPE html>
<html lang="{{language}}" data-theme="{{theme}}" data-mantine-color-scheme="{{scheme}}">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<script src="{{theme_script}}"></script>
<link rel="icon" href="{{icon}}" type="image/svg+xml">
{%css%}
</head>
<body>
{%app_entry%}
<footer hidden>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>"""
STARTING = """
<div id="react-entry-point">
    <div class="_dash-loading starting" role="status" aria-label="SIPREMS"><span></span></div>
</div>
"""


class Dashboard(Dash):
    """Dash with a document of our own."""

    def interpolate_index(self, **parts: Any) -> str:
        """Fill in the reader's language and colours."""
        theme = current_theme()
        text: str = super().interpolate_index(**{**parts, "app_entry": STARTING})
        values = {
            "language": current_language(),
            "theme": theme,
            "scheme": "light" if theme == "auto" else theme,
            "theme_script": file_url("early/theme.js"),
            "icon": file_url("early/favicon.svg"),
        }
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        return text


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Scripts from our own files only, but for the one line that starts the renderer, known by its hash.

    Styles may stand in the page: Mantine and the grid write their rules into it, and Dash hands no nonce on.
    """
    return str(
        ContentSecurityPolicy()
        .default_src("'self'")
        .script_src("'self'", *script_hashes)
        .style_src("'self'", "'unsafe-inline'")
        .img_src("'self'", "data:")
        .font_src("'self'", "data:")
        .connect_src("'self'")
        .object_src("'none'")
        .frame_ancestors("'none'")
        .form_action("'self'")
        .base_uri("'self'")
        .header_value
    )

"""The way to further pages of a list."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash.development.base_component import Component


def pager(identity: str, pages: int) -> Component:
    """Numbers of pages; arrows would be buttons without a name for those who do not see them."""
    return dmc.Pagination(
        id=identity, total=pages, value=1, size="sm", withControls=False, hideWithOnePage=True
    )

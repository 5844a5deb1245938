"""Grids of long lists, whose rows come from the server as they are scrolled to."""

from __future__ import annotations

from typing import Any

THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--paper)', foregroundColor: 'var(--ink)', "
    "headerBackgroundColor: 'var(--paper)', headerTextColor: 'var(--quiet)', borderColor: 'var(--line)', "
    "accentColor: 'var(--accent)', rowHoverColor: 'var(--page)', fontFamily: 'inherit', "
    "headerFontFamily: 'inherit', "
    "fontSize: 14, headerFontSize: 13, headerFontWeight: 550, rowHeight: 46, headerHeight: 42, "
    "wrapperBorderRadius: 8, columnBorder: false, cellHorizontalPadding: 14, "
    "headerColumnResizeHandleColor: 'transparent', browserColorScheme: 'inherit'})"
)
GRID_OPTIONS: dict[str, Any] = {
    "theme": {"function": THEME},
    "suppressCellFocus": False,
    "suppressMovableColumns": True,
    "suppressDragLeaveHidesColumns": True,
    "enableCellTextSelection": True,
    "animateRows": False,
    # The grid's Dash component answers only the request it made last: of two at once one would stay empty.
    "maxConcurrentDatasourceRequests": 1,
}
# A name that leads to the page of its row: `href`, and a `note` in small letters below.
LINK: dict[str, Any] = {"cellRenderer": "SipremsLink"}


def column(field: str, name: str, *, number: bool = False, **options: Any) -> dict[str, Any]:
    """A column; numbers stand on the right and are narrow."""
    of_numbers = {"type": "rightAligned", "width": 110} if number else {}
    return {"field": field, "headerName": name, "sortable": True, "resizable": True, **of_numbers, **options}

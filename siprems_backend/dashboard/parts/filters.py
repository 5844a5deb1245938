"""What lists of products are searched and narrowed by."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash.development.base_component import Component

from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.parts.icons import icon
from siprems_backend.services import stock_outlook


def search_box(name: str, value: str = "") -> Component:
    """A box for a part of a product's name or SKU."""
    return dmc.TextInput(
        id=name,
        value=value,
        placeholder=say("products.search"),
        leftSection=icon("search"),
        debounce=250,
        w={"base": "100%", "xs": 260},
        **{"aria-label": say("products.search")},
    )


def category_box(name: str) -> Component:
    """A choice among the shop's categories, or none of them."""
    return dmc.Select(
        id=name,
        placeholder=say("products.all_categories"),
        data=list(stock_outlook.categories()),
        clearable=True,
        searchable=True,
        w={"base": "100%", "xs": 200},
        **{"aria-label": say("products.column.category")},
    )

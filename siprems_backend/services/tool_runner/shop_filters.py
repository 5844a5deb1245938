"""Parameters that many tools share: which products, and which days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import history_queries
from siprems_backend.models.report_queries import Wanted
from siprems_backend.services import catalogue, product_choice, product_classes
from siprems_backend.services.tool_runner.parameters import ROOT, refused
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_backend.utils.single_line import single_line

MOST_SKUS = 1000
LONGEST_CATEGORY = 200

PRODUCT_SKUS: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": catalogue.LONGEST_SKU},
    "minItems": 1,
    "maxItems": MOST_SKUS,
    "description": "Only these products",
}
CATEGORY: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_CATEGORY,
    "description": "Only products of this category",
}
CLASSES: Mapping[str, Mapping[str, Any]] = {
    "demand_class": {
        "type": "string",
        "enum": list(product_classes.CHOICES["demand_class"]),
        "description": "Only products that sell like this",
    },
    "abc": {
        "type": "string",
        "enum": list(product_classes.CHOICES["abc"]),
        "description": "Only products of this class of value",
    },
    "xyz": {
        "type": "string",
        "enum": list(product_classes.CHOICES["xyz"]),
        "description": "Only products of this class of variability",
    },
}
DATE_FROM: Mapping[str, Any] = {"type": "string", "format": "date", "description": "First date that counts"}
DATE_TO: Mapping[str, Any] = {"type": "string", "format": "date", "description": "Last date that counts"}


def cleaned(parameters: Parameters) -> Parameters:
    """The parameters with SKUs and category as the catalogue has them, each SKU once.

    Raises:
        Invalid: one of them has characters that no SKU has, or the dates are in the wrong order.
    """
    final = dict(parameters)
    problems: dict[str, list[str]] = {}
    for place, sku in enumerate(parameters.get("product_skus", ())):
        _try(lambda: catalogue.clean_sku(sku), f"{ROOT}.product_skus.{place}", problems)  # noqa: B023  At once.
    if "category" in parameters:
        _try(lambda: single_line(parameters["category"], LONGEST_CATEGORY), f"{ROOT}.category", problems)
    if parameters.get("date_from", "") > parameters.get("date_to", "9999-12-31"):
        problems[f"{ROOT}.date_to"] = ["Must not be before date_from."]
    if problems:
        raise refused(problems)
    if "product_skus" in final:
        final["product_skus"] = list(dict.fromkeys(map(catalogue.clean_sku, final["product_skus"])))
    if "category" in final:
        final["category"] = single_line(final["category"], LONGEST_CATEGORY)
    return final


def wanted(parameters: Parameters) -> Wanted:
    """The products that the parameters let through."""
    return Wanted(
        parameters.get("product_skus"), parameters.get("category"), product_choice.of_classes(parameters)
    )


def day(parameters: Parameters, name: str) -> date | None:
    """A date among the parameters."""
    return date.fromisoformat(parameters[name]) if name in parameters else None


def require_products(skus: list[str]) -> None:
    """Check that all of these products exist.

    Raises:
        NotFound: one does not.
    """
    with database.reading() as session:
        known = {product.sku for product in history_queries.products_by_sku(session, skus)}
    unknown = [sku for sku in skus if sku not in known]
    if unknown:
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        raise NotFound(f"No product with SKU '{unknown[0]}'{more}.", code="product_not_found")


def _try(step: Callable[[], object], path: str, problems: dict[str, list[str]]) -> None:
    try:
        step()
    except (ValueError, Invalid) as error:
        problems[path] = [str(error)]

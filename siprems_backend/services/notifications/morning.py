"""The summary of the morning in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """What runs out, what to order from whom, and what lies dead, as far as there is any of it."""
    said = [_overview(summary)]
    if summary["runs_out"]:
        said.append(
            _list("Run out before a delivery can come", summary["runs_out"], summary["first_out"], _out)
        )
    if summary["by_supplier"]:
        said.append(_list("To order", summary["suppliers"], summary["by_supplier"], _order))
    if summary.get("overdue"):
        said.append(f"{_count(summary['overdue'], 'order')} should have arrived already.")
    if summary["dead"]:
        worth = f" worth {summary['dead_value']:,.2f}" if summary["dead_value"] else ""
        said.append(_list(f"Lie for more than a year{worth}", summary["dead"], summary["dead_stock"], _dead))
    return said


def _overview(summary: Mapping[str, Any]) -> str:
    worth = f", worth {summary['order_value']:,.2f}" if summary["order_value"] else ""
    products = _count(summary["lines"], "product")
    return f"On {summary['plan_date']}, {summary['to_order']:,} of {products} are to be ordered{worth}."


def _list(title: str, count: int, shown: list[dict[str, Any]], words: Any) -> str:
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return f"{title}: {'; '.join(words(each) for each in shown)}{more}."


def _out(each: Mapping[str, Any]) -> str:
    return f"{each['name']} ({each['sku']}) on {each['stockout_date']}, order {each['recommended']:g}"


def _order(each: Mapping[str, Any]) -> str:
    worth = f" worth {each['value']:,.2f}" if each["value"] else ""
    return f"{_count(each['lines'], 'product')}{worth} from {each['supplier'] or 'no known supplier'}"


def _dead(each: Mapping[str, Any]) -> str:
    return f"{each['stock']:g} of {each['name']} ({each['sku']})"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing if count == 1 else thing + 's'}"

"""Rules of taking products from stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict
from siprems_backend.models.products import Product

# Beyond this a stock is a typing error, and sums of it would leave the range of the database's numbers.
LARGEST_STOCK = 10**11


def require_sellable(products: Iterable[Product], taken: Mapping[int, Decimal]) -> None:
    """Refuse to sell what is no longer sold; customers may still bring it back.

    Args:
        products: the products concerned.
        taken: quantity taken by product id; negative when more is brought back than sold.

    Raises:
        Conflict: naming the products (`product_inactive`).
    """
    inactive = [product.sku for product in products if not product.is_active and taken[product.id] > 0]
    if inactive:
        raise Conflict(
            f"'{inactive[0]}' is not sold any more; set is_active to sell it again.",
            code="product_inactive",
            fields={"items": [{"product_sku": sku} for sku in inactive]},
        )


def require_available(products: Iterable[Product], taken: Mapping[int, Decimal]) -> None:
    """Refuse to take more than there is, unless the setting `ALLOW_NEGATIVE_STOCK` allows it.

    Raises:
        Conflict: with what was wanted and what is available of every product that is short
            (`insufficient_stock`), or when a return makes a stock absurdly large (`stock_too_large`).
    """
    short = []
    for product in products:
        # A float from numeric(16, 4) prints as the decimal it came from.
        available = Decimal(str(product.stock))
        if available - taken[product.id] > LARGEST_STOCK:
            raise Conflict(
                f"The stock of '{product.sku}' would be implausibly large.", code="stock_too_large"
            )
        if taken[product.id] > 0 and taken[product.id] > available:
            short.append((product.sku, taken[product.id], available))
    if short and not get_settings().allow_negative_stock:
        raise _insufficient(short)


def _insufficient(short: list[tuple[str, Decimal, Decimal]]) -> Conflict:
    sku, wanted, available = short[0]
    others = f" ({len(short) - 1} more items are short too)" if len(short) > 1 else ""
    return Conflict(
        f"Only {available.normalize():f} of '{sku}' in stock, {wanted.normalize():f} wanted{others}.",
        code="insufficient_stock",
        fields={
            "items": [
                {"product_sku": sku, "wanted": float(wanted), "available": float(available)}
                for sku, wanted, available in short
            ]
        },
    )

"""Fields and parameters that many schemas share; they refuse what the database or a file could not take."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import marshmallow as ma

from siprems_backend.routes.schemas.limits import Between
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import LARGEST_PAGE
from siprems_backend.utils.single_line import single_line

LONGEST_SKU = 200
# Bounds of single values; numeric(16, 4) holds ten thousand times as much, which leaves room for sums.
LARGEST_QUANTITY = 10**8
LARGEST_PRICE = 10**8
LARGEST_STOCK = 10**9
# Far beyond any list, and near enough for the database's numbers.
LAST_PAGE = 10**9


class Line(ma.fields.String):
    """One line of text in Unicode normal form C, without blanks at its ends and control characters."""

    def __init__(
        self,
        longest: int,
        *,
        may_be_empty: bool = False,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        limits = {"maxLength": longest, "minLength": 0 if may_be_empty else 1}
        super().__init__(metadata={**limits, **(metadata or {})}, **kwargs)
        self.longest = longest
        self.may_be_empty = may_be_empty

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            cleaned = single_line(text, self.longest)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from None
        if not cleaned and not self.may_be_empty:
            raise ma.ValidationError("Must not be empty.")
        return cleaned


def sku(**kwargs: Any) -> Line:
    """A SKU: free text, with slashes, blanks inside and letters of all scripts."""
    description = (
        "1 to 200 characters of free text, in Unicode normal form C (other forms are converted); blanks at "
        "the ends are removed, control characters refused"
    )
    return Line(LONGEST_SKU, metadata={"description": description, "examples": ["BRD-001"]}, **kwargs)


class Amount(ma.fields.Decimal):
    """A finite number with four decimals (more are rounded half to even), exact; dumped as a JSON number."""

    def __init__(self, lowest: int, highest: int, *, zero: bool = True, **kwargs: Any) -> None:
        validators = [Between(lowest, highest)]
        super().__init__(places=4, rounding="ROUND_HALF_EVEN", validate=validators, **kwargs)
        self.zero = zero

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        number: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if number == 0 and not self.zero:
            raise ma.ValidationError("Must not be zero (four decimals count).")
        return number

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        number = super()._serialize(value, attr, obj, **kwargs)
        return None if number is None else float(number)


class Moment(ma.fields.AwareDateTime):
    """A moment in UTC, ISO 8601 with a trailing Z; one given without a time zone is UTC too."""

    SERIALIZATION_FUNCS: ClassVar = {**ma.fields.AwareDateTime.SERIALIZATION_FUNCS, "iso": clock.iso}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            # The database knows fewer time zones than ISO 8601, but all of them in UTC.
            return moment.astimezone(UTC)
        except OverflowError:
            raise ma.ValidationError("Must be between the years 1 and 9999 in UTC.") from None


class PageQuery(ma.Schema):
    """Which page of a list is wanted."""

    page = ma.fields.Integer(load_default=1, validate=Between(1, LAST_PAGE))
    page_size = ma.fields.Integer(load_default=50, validate=Between(1, LARGEST_PAGE))

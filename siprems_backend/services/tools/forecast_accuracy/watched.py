"""How good the forecasts were that were really made, as the nightly watch found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siprems_backend.services.accuracy import views
from siprems_backend.services.tool_runner.tool import Parameters

# The time line goes back as far as any forecast is remembered by default.
DAYS, MOST_LISTED = 60, 20
FIGURES = ("wape", "bias", "mase", "coverage80", "coverage95")


@dataclass(frozen=True, eq=False)
class Watched:
    """The watch's figures of the shop, or of a category, its days, and the products that drift."""

    as_of: Any
    shop: Any
    timeline: Sequence[Any]
    drifted: Sequence[dict[str, Any]]

    @property
    def knows(self) -> bool:
        """Whether anything could be compared yet."""
        return self.as_of is not None and self.shop.products > 0

    def summary(self) -> dict[str, Any] | None:
        """The figures as JSON values; None while nothing could be compared."""
        if not self.knows:
            return None
        figures = {name: getattr(self.shop, name) for name in FIGURES}
        rounded = {name: None if value is None else round(value, 4) for name, value in figures.items()}
        counts = {name: getattr(self.shop, name) for name in ("products", "biased", "drifted")}
        return {"as_of": str(self.as_of), **counts, **rounded}


def look(parameters: Parameters) -> Watched:
    """What the watch found of all products, or of a category; days there are of the whole shop only."""
    filters = {name: parameters[name] for name in ("category",) if name in parameters}
    found = views.overview(DAYS, MOST_LISTED, **filters)
    timeline = [] if filters else found["timeline"]
    return Watched(found["as_of"], found["shop"], timeline, found["drifted"])

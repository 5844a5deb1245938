"""What an evaluation is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from siprems_backend.errors import Invalid
from siprems_engine.forecasting.shop import AUTO, ENGINES
from siprems_engine.forecasting.shop.by_product import NAMES as BY_PRODUCT

# A picture takes a fifth of a second; a shop of thousands would take longer to draw than to forecast.
MOST_PICTURES = 50
ENGINE_NAMES = (AUTO, *ENGINES, *BY_PRODUCT)


@dataclass(frozen=True)
class EvaluationRequest:
    """Files to read, engines to blend, and the cut-offs: `cutoffs` of them, `horizon` periods apart.

    `plot` is the folder for pictures of the `plot_most` largest SKUs; None for none.
    """

    sales: Path
    horizon: int
    cutoffs: int
    engines: tuple[str, ...] = (AUTO,)
    products: Path | None = None
    events: Path | None = None
    promotions: Path | None = None
    stock: Path | None = None
    plot: Path | None = None
    plot_most: int = MOST_PICTURES

    def __post_init__(self) -> None:
        """Raise `Invalid` for an engine that does not exist or cannot be blended."""
        unknown = [name for name in self.engines if name not in ENGINE_NAMES]
        if unknown:
            raise Invalid(f"There is no engine {unknown[0]!r}; known are {', '.join(ENGINE_NAMES)}.")
        if len(self.engines) > 1 and any(name in BY_PRODUCT for name in self.engines):
            raise Invalid("Prophet cannot be blended with other engines; evaluate it alone.")

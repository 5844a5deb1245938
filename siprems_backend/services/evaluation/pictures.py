"""A picture per SKU: what sold, and what would have been said at each cut-off."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siprems_backend.errors import Invalid
from siprems_backend.services.evaluation.requests import EvaluationRequest
from siprems_backend.services.evaluation.shop_files import ShopFiles
from siprems_backend.utils.atomic_file import write_atomically
from siprems_backend.utils.sku_filename import sku_filename
from siprems_engine.forecasting.shop import LEVELS
from siprems_engine.forecasting.shop.folds import Fold
from siprems_engine.forecasting.step import Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Periods shown before the first cut-off at least; otherwise as many as the forecasts take.
SHOWN_BEFORE = {Step.DAY: 90, Step.WEEK: 52}
# Central shares of a band, their ends among the levels, and colours. Opaque: as they lie on one another,
# anything else would be darker in the picture than in the legend.
BANDS = (("95 %", 0.025, 0.975, "#dce7f3"), ("80 %", 0.1, 0.9, "#b3cae3"), ("50 %", 0.25, 0.75, "#83a8d1"))
INCHES, DOTS_PER_INCH = (11.0, 4.2), 120
FORECAST, SOLD, PROMOTION, QUIET = "#1f5fa8", "#222222", "#c46200", "#777777"
# Formats of dates by the finest part in which ticks differ (year, month, day; never a time of day), those of
# the first tick of a coarser part, and of what stands beside the axis.
NO_TIMES = ("", "", "")
DATES = ("%Y", "%b", "%d %b", *NO_TIMES)
FIRST_DATES = ("", "%b\n%Y", "%d %b", *NO_TIMES)
YEAR_ASIDE = ("", "%Y", "%Y", *NO_TIMES)
# No encoded SKU contains it, so it can stand for the SKU without a character.
EMPTY_SKU = "~"


class Pictures:
    """PNG files of the SKUs that sold most, at most so many, in one folder; none without a folder."""

    def __init__(self, shop: ShopFiles, request: EvaluationRequest) -> None:
        """Choose the SKUs; raises `Invalid` for a folder that cannot be written."""
        self._shop, self._folder = shop, request.plot
        self._folds: list[Fold] = []
        self.products: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if request.plot is not None:
            _prepare(request.plot)
            units = np.nan_to_num(shop.grid.units).sum(axis=1)
            self.products = np.argsort(-units, kind="stable")[: request.plot_most]

    def add(self, fold: Fold) -> None:
        """Keep what is to be drawn of a fold."""
        if len(self.products):
            self._folds.append(fold.of(self.products))

    def draw(self) -> Iterator[str]:
        """Draw one picture after the other, largest SKU first, each announced by its SKU."""
        for product in self.products:
            sku = self._shop.skus[product]
            yield sku
            path = Path(self._folder or "") / f"{sku_filename(sku) if sku else EMPTY_SKU}.png"
            try:
                write_atomically(path, self._picture(int(product)))
            except OSError as error:
                raise Invalid(f"{path} cannot be written: {error.strerror}.") from error

    def _picture(self, product: int) -> bytes:
        # As pyarrow: only commands and workers need it. `pyplot` would keep every figure.
        from matplotlib.figure import Figure

        figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        self._draw_sold(axes, product)
        for fold in self._folds:
            self._draw_fold(axes, fold, product)
        _finish(axes, self._shop.skus[product], self._shop.grid.step)
        made = BytesIO()
        with warnings.catch_warnings():
            # A SKU in letters that the font lacks is shown as boxes.
            warnings.filterwarnings("ignore", message="Glyph")
            figure.savefig(made, format="png")
        return made.getvalue()

    def _draw_sold(self, axes: Axes, product: int) -> None:
        """Draw the units, with gaps where the shop was closed, and a mark below each promotion."""
        grid = self._shop.grid
        first = min(fold.last for fold in self._folds)
        start = max(0, first - max(SHOWN_BEFORE[grid.step], len(grid.days) - first))
        days, units = grid.days[start:], np.where(grid.open, grid.units[product], np.nan)[start:]
        axes.plot(days, units, color=SOLD, linewidth=0.9, marker=".", markersize=3, label="sold")
        promoted = days[grid.promo[product, start:]]
        if len(promoted):
            # In parts of the height of the axes.
            height = np.full(len(promoted), 0.015)
            transform = axes.get_xaxis_transform()
            axes.plot(promoted, height, "^", color=PROMOTION, ms=4, transform=transform, label="promotion")

    def _draw_fold(self, axes: Axes, fold: Fold, product: int) -> None:
        """Draw mean and bands after a line at the cut-off, in the legend once."""
        days, named = self._shop.grid.days, fold is self._folds[0]
        label = "cut-off" if named else None
        axes.axvline(days[fold.last], color=QUIET, linewidth=1.0, linestyle=":", label=label)
        rows = np.flatnonzero(fold.products == product)
        if not len(rows) or not len(fold.periods):
            return
        ahead, quantiles = days[fold.periods], fold.made.quantiles[rows[0]]
        for name, low, high, color in BANDS:
            ends = quantiles[:, LEVELS.index(low)], quantiles[:, LEVELS.index(high)]
            label = f"{name} band" if named else None
            axes.fill_between(ahead, *ends, color=color, linewidth=0, label=label)
        axes.plot(
            ahead, fold.made.mean[rows[0]], color=FORECAST, linewidth=1.4, label="forecast" if named else None
        )


def _finish(axes: Axes, sku: str, step: Step) -> None:
    """Name everything: the legend above the axes, where it hides no sales."""
    # A SKU may hold dollar signs, which would begin a formula.
    axes.set_title(sku, parse_math=False, fontsize=11, fontweight="bold", loc="left", pad=24)
    axes.set_ylabel(f"units a {step}")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    _label_ticks(axes)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=7, fontsize=8, frameon=False, borderaxespad=0.2
    )


def _label_ticks(axes: Axes) -> None:
    """Write days as 15 Jul with the year once, and thousands with a comma."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import StrMethodFormatter

    # matplotlib has no types for its dates.
    ticks = AutoDateLocator(minticks=6, maxticks=14)  # type: ignore[no-untyped-call]
    texts = {"formats": DATES, "zero_formats": FIRST_DATES, "offset_formats": YEAR_ASIDE}
    axes.xaxis.set_major_locator(ticks)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(ticks, **texts))  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))


def _prepare(folder: Path) -> None:
    """Make the folder and see that it takes files, before hours of work rather than after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writing-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Invalid(f"{folder} cannot be written: {error.strerror}.") from error

"""A picture of a simulation: what each rule gives for how much stock, and the stock over time."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from siprems_backend.services.simulation.conditions import Conditions
from siprems_backend.services.simulation.results import Simulation
from siprems_engine.inventory.replay.run import EARLIER, HINDSIGHT, PLAN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES, DOTS_PER_INCH = (11.0, 4.6), 120
COLORS = {PLAN: "#1f5fa8", EARLIER: "#c46200", HINDSIGHT: "#222222"}
OTHER = "#777777"


def picture(found: Simulation, _conditions: Conditions) -> bytes:
    """Return a PNG."""
    # Only commands and workers draw. `pyplot` would keep every figure.
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    _service(left, found)
    _stock(right, found)
    made = BytesIO()
    figure.savefig(made, format="png")
    return made.getvalue()


def _service(axes: Axes, found: Simulation) -> None:
    """Draw a point for each rule: the best lie at the top left."""
    for line in found.lines:
        color = COLORS.get(line.name, OTHER)
        shares = line.figures.stock, 100 * line.figures.fill_rate
        axes.plot(*shares, "o", color=color, markersize=8)
        axes.annotate(line.name, shares, textcoords="offset points", xytext=(6, -11), fontsize=7, color=color)
    axes.set_xlabel("units in stock on an average evening")
    axes.set_ylabel("fill rate, %")
    axes.set_title("Service for stock", loc="left", fontsize=11, fontweight="bold")
    axes.margins(x=0.5, y=0.15)
    _finish(axes)


def _stock(axes: Axes, found: Simulation) -> None:
    course = found.course
    for each in found.outcomes:
        if each.name in COLORS:
            stock = each.ledger.stock[:, course.measured_from : course.measured_until].sum(axis=0)
            axes.plot(found.days, stock, color=COLORS[each.name], linewidth=1.2, label=each.name)
    axes.set_ylim(bottom=0)
    axes.set_title("Units in stock in the evening", loc="left", fontsize=11, fontweight="bold")
    axes.tick_params(axis="x", rotation=30)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=3, fontsize=8, frameon=False)
    _finish(axes)


def _finish(axes: Axes) -> None:
    from matplotlib.ticker import StrMethodFormatter

    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)

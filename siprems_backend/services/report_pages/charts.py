"""Charts as SVG inside a page: no script, no font, no colour that is not a class of the page's style."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from markupsafe import Markup, escape

from siprems_engine.forecasting.series import Days, Floats

# Width that the label of a date needs, and roughly how many values stand beside a chart.
DATE_WIDTH = 95.0
TICKS = 4
Label = Callable[[float], str]


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a chart: its values (n,), and the class that gives it colour and dashes."""

    name: str
    values: Floats
    style: str


@dataclass(frozen=True)
class Frame:
    """Where a chart's numbers are on the page; all in units of the picture."""

    width: float
    height: float
    tick: float
    top: float
    left: float = 52.0
    right: float = 8.0
    above: float = 8.0
    below: float = 24.0

    def y(self, value: float) -> float:
        """Height of a value."""
        return self.height - self.below - value / self.top * (self.height - self.above - self.below)

    def x(self, share: float) -> float:
        """Place of a share of the width, 0 to 1."""
        return self.left + share * (self.width - self.left - self.right)


def lines(
    title: str,
    ds: Days,
    drawn: Sequence[Line],
    *,
    band: tuple[Floats, Floats] | None = None,
    marks: Days | None = None,
    size: tuple[float, float] = (720.0, 220.0),
) -> Markup:
    """Draw lines over days (n,), with an interval behind them and marks at some days."""
    highest = max((float(values.max()) for values in _all(drawn, band) if len(values)), default=0.0)
    frame = Frame(*size, *scale(highest))
    first, last = ds[0].astype(np.int64), ds[-1].astype(np.int64)
    shares = (ds.astype(np.int64) - first) / max(1, last - first)
    xs = [frame.x(float(share)) for share in shares]
    parts = [_grid(frame, _units), _dates(frame, ds)]
    for mark in ds[:0] if marks is None else marks:
        # Between the last day known to a forecast and its first.
        x = frame.x((float(mark.astype(np.int64) - first) + 0.5) / max(1, last - first))
        if frame.left <= x <= size[0] - frame.right:
            parts.append(_line(x, frame.above, x, frame.height - frame.below, "mark"))
    if band is not None:
        edge = [*_points(xs, band[1], frame), *reversed(_points(xs, band[0], frame))]
        parts.append(Markup('<polygon class="band" points="{}"/>').format(" ".join(edge)))
    parts += [_polyline(xs, line, frame) for line in drawn]
    return _svg(title, frame, parts)


def bars(
    title: str,
    labels: Sequence[str],
    groups: Sequence[Line],
    label_of: Label,
    *,
    size: tuple[float, float] = (720.0, 200.0),
) -> Markup:
    """Draw bars (n,) of several groups side by side, with a label below each n."""
    highest = max((float(np.nanmax(group.values, initial=0.0)) for group in groups), default=0.0)
    frame = Frame(*size, *scale(highest))
    parts = [_grid(frame, label_of)]
    room = 1.0 / max(1, len(labels))
    step = math.ceil(len(labels) / 16)
    for place, label in enumerate(labels):
        for number, group in enumerate(groups):
            x = frame.x((place + 0.12 + 0.76 * number / len(groups)) * room)
            width = frame.x((0.76 / len(groups)) * room) - frame.x(0.0)
            parts.append(_bar(frame, x, width, float(group.values[place]), group.style))
        if place % step == 0:
            parts.append(_text(frame.x((place + 0.5) * room), size[1] - 8, label, "middle"))
    return _svg(title, frame, parts)


def curve(
    title: str,
    shares: Floats,
    values: Floats,
    marks: Sequence[tuple[float, str]] = (),
    *,
    size: tuple[float, float] = (720.0, 260.0),
) -> Markup:
    """Draw values (n,) over shares (n,), both from 0 to 1 and ascending, with named marks at some shares."""
    frame = Frame(*size, 0.2, 1.0)
    parts = [_grid(frame, percent)]
    for share in np.linspace(0.0, 1.0, 6).tolist():
        anchor = "end" if share == 1.0 else "middle"
        parts.append(_text(frame.x(share), size[1] - 8, percent(share), anchor))
    for place, (share, name) in enumerate(marks):
        x = frame.x(share)
        parts.append(_line(x, frame.above, x, size[1] - frame.below, "mark"))
        parts.append(_text(x + 4, size[1] - frame.below - 8 - 14 * place, name, "start"))
    xs = [frame.x(float(share)) for share in shares]
    edge = [
        *_points(xs, values, frame),
        f"{xs[-1]:.1f},{frame.y(0.0):.1f}",
        f"{xs[0]:.1f},{frame.y(0.0):.1f}",
    ]
    parts.append(Markup('<polygon class="band" points="{}"/>').format(" ".join(edge)))
    parts.append(_polyline(xs, Line("", values, "served"), frame))
    return _svg(title, frame, parts)


def scale(highest: float) -> tuple[float, float]:
    """Distance of the ticks, 1, 2, 2.5 or 5 times a power of ten, and the first not below `highest`."""
    if not math.isfinite(highest) or highest <= 0:
        return 1.0, 1.0
    raw = highest / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    tick = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * 0.999)
    return tick, tick * math.ceil(highest / tick * 0.999)


def percent(value: float) -> str:
    """A share for people."""
    return f"{100 * value:.0f} %"


def day_name(day: np.datetime64) -> str:
    """A date for people: `3 May`."""
    moment: date = day.astype("datetime64[D]").astype(object)
    return f"{moment.day} {moment:%b}"


def _units(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"


def _all(drawn: Sequence[Line], band: tuple[Floats, Floats] | None) -> list[Floats]:
    return [line.values for line in drawn] + ([] if band is None else [band[1]])


def _grid(frame: Frame, label_of: Label) -> Markup:
    parts = []
    for number in range(round(frame.top / frame.tick) + 1):
        value = number * frame.tick
        y = frame.y(value)
        parts.append(_line(frame.left, y, frame.width - frame.right, y, "grid" if number else "axis"))
        parts.append(_text(frame.left - 6, y + 4, label_of(value), "end"))
    return Markup("").join(parts)


def _dates(frame: Frame, ds: Days) -> Markup:
    first, span = ds[0], max(1, int((ds[-1] - ds[0]).astype(np.int64)))
    most = max(2.0, (frame.width - frame.left) // DATE_WIDTH)
    every = max(1, math.ceil(span / (most - 1)))
    days = [first + offset for offset in range(0, span + 1, every)]
    return Markup("").join(
        _text(frame.x((day - first).astype(np.int64) / span), frame.height - 8, day_name(day), "middle")
        for day in days
    )


def _points(xs: Sequence[float], values: Floats, frame: Frame) -> list[str]:
    return [f"{x:.1f},{frame.y(float(value)):.1f}" for x, value in zip(xs, values, strict=True)]


def _polyline(xs: Sequence[float], line: Line, frame: Frame) -> Markup:
    points = " ".join(_points(xs, line.values, frame))
    return Markup('<polyline class="line {}" points="{}"/>').format(line.style, points)


def _bar(frame: Frame, x: float, width: float, value: float, style: str) -> Markup:
    if not math.isfinite(value):
        return Markup("")
    y = frame.y(value)
    shape = Markup('<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"/>')
    height = frame.height - frame.below - y
    return shape.format(style, f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{height:.1f}")


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> Markup:
    shape = Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return shape.format(style, f"{x1:.1f}", f"{y1:.1f}", f"{x2:.1f}", f"{y2:.1f}")


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    shape = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    return shape.format(f"{x:.1f}", f"{y:.1f}", anchor, text)


def _svg(title: str, frame: Frame, parts: Sequence[Markup]) -> Markup:
    head = Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">').format(
        frame.width, frame.height, escape(title)
    )
    return head + Markup("").join(parts) + Markup("</svg>")

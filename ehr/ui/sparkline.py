"""Where the points of a sparkline go: real elapsed time runs to the right, the reference band is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

WIDTH = 92.0
HEIGHT = 18.0
MARGIN = 2.5  # room for the end point's radius


@dataclass(frozen=True, slots=True)
class Reading:
    """One value at one instant. Readings in different units are not joined by a line."""

    at: datetime
    value: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The reference range; an open end is None."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sparkline:
    """What the SVG needs, in pixels from the top left: `paths` of lines, lone `points`, the last point, the band."""

    width: float
    height: float
    paths: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    last: tuple[float, float]
    band: tuple[float, float] | None
    """Top and height of the reference band."""


def sparkline(
    readings: Sequence[Reading],
    *,
    band: Band | None = None,
    window: tuple[datetime, datetime] | None = None,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Sparkline | None:
    """The geometry for readings in order of time; None when there are none.

    `window` is the stretch of time the width stands for, so that rows compare; by default from first to last reading.
    The height spans the readings in the newest unit, and the part of the band near them.
    """
    if not readings:
        return None
    width, height = size
    start, end = window or (readings[0].at, readings[-1].at)
    current = [r.value for r in readings if r.unit == readings[-1].unit]
    low, high = _scale(current, band)

    def place(reading: Reading) -> tuple[float, float]:
        return (_x(reading.at, start, end, width), _y(reading.value, low, high, height))

    drawn = [[place(r) for r in run] for run in _same_unit_runs(readings) if run[0].unit == readings[-1].unit]
    return Sparkline(
        width=width,
        height=height,
        paths=tuple(_path(line) for line in drawn if len(line) > 1),
        points=tuple(line[0] for line in drawn[:-1] if len(line) == 1),
        last=drawn[-1][-1],
        band=_band(band, low, high, height) if band else None,
    )


def _scale(values: Sequence[Decimal], band: Band | None) -> tuple[float, float]:
    """The lowest and highest value shown. The band's edges count while they are within one spread of the readings."""
    lowest, highest = float(min(values)), float(max(values))
    edges = [float(edge) for edge in (band.low, band.high) if edge is not None] if band else []
    spread = max(highest - lowest, abs(highest) * 0.1)
    near = [edge for edge in edges if lowest - spread <= edge <= highest + spread]
    low, high = min([lowest, *near]), max([highest, *near])
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _same_unit_runs(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Neighbours in one unit. Only runs in the newest unit are drawn: a height means nothing in another."""
    runs = [[readings[0]]]
    for earlier, later in pairwise(readings):
        if later.unit == earlier.unit:
            runs[-1].append(later)
        else:
            runs.append([later])
    return runs


def _x(at: datetime, start: datetime, end: datetime, width: float) -> float:
    span = (end - start).total_seconds()
    share = (at - start).total_seconds() / span if span > 0 else 1.0
    return round(MARGIN + share * (width - 2 * MARGIN), 1)


def _y(value: Decimal | float, low: float, high: float, height: float) -> float:
    share = (float(value) - low) / (high - low)
    return round(height - MARGIN - share * (height - 2 * MARGIN), 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _band(band: Band, low: float, high: float, height: float) -> tuple[float, float] | None:
    """Top and height of the band's visible part; None when it lies wholly outside."""
    if band.low is None and band.high is None:
        return None
    top = 0.0 if band.high is None else max(_y(band.high, low, high, height), 0.0)
    bottom = height if band.low is None else min(_y(band.low, low, high, height), height)
    return (top, round(bottom - top, 1)) if bottom > top else None

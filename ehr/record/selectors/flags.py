"""Flags of results: what an interpretation says, or, where none was given, the reference range. Pure."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flag:
    """A shape, a letter and a colour; any one of them is enough. `css` and `icon` name those of the design system."""

    css: str
    icon: str
    letter: str
    words: str


HIGH = Flag("high", "up", "H", "high")
LOW = Flag("low", "down", "L", "low")
FLAGS = {
    "H": HIGH,
    "HU": Flag("high", "up", "HU", "significantly high"),
    "HX": Flag("high", "up", "H>", "above the measuring range"),
    ">": Flag("high", "up", "H>", "above the measuring range"),
    "HH": Flag("critical", "up", "HH", "critical high"),
    "L": LOW,
    "LU": Flag("low", "down", "LU", "significantly low"),
    "LX": Flag("low", "down", "L<", "below the measuring range"),
    "<": Flag("low", "down", "L<", "below the measuring range"),
    "LL": Flag("critical", "down", "LL", "critical low"),
    "A": Flag("abnormal", "diamond", "A", "abnormal"),
    "AA": Flag("critical", "diamond", "AA", "critical abnormal"),
    "R": Flag("abnormal", "diamond", "R", "resistant"),
}
"""By the codes of http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation."""


@dataclass(frozen=True, slots=True)
class Range:
    """A reference range with inclusive ends; an open end is None."""

    low: Decimal | None = None
    high: Decimal | None = None


def flag(
    *, interpretation: str, value: Decimal | None, comparator: str = "", reference: Range | None = None
) -> Flag | None:
    """The flag of a result; None for a normal one and for one that nobody rated.

    The laboratory's own interpretation counts before our arithmetic. A value stated as "less than" or "more than" is
    only compared with the end that it is surely beyond.
    """
    if interpretation:
        return FLAGS.get(interpretation)
    if value is None or reference is None:
        return None
    if reference.high is not None and comparator in ("", ">", ">=") and value > reference.high:
        return HIGH
    if reference.low is not None and comparator in ("", "<", "<=") and value < reference.low:
        return LOW
    return None


def is_rated(*, interpretation: str, value: Decimal | None, reference: Range | None) -> bool:
    """True when a missing flag means "in range" rather than "nobody said"."""
    has_range = reference is not None and (reference.low is not None or reference.high is not None)
    return bool(interpretation) or (value is not None and has_range)

"""Quantity: an exact value with its UCUM unit (FHIR Quantity)."""

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from ehr.lib import ucum

_CONTEXT = Context(prec=34)


class NotComparable(ValueError):
    """Two units measure different things (mg and mL), so no conversion exists."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in `unit` (a UCUM code). Equality is literal; use `in_unit` or `compare` across units."""

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError(f"Quantity takes a Decimal, not {type(self.value).__name__}")
        ucum.unit(self.unit)

    def in_unit(self, code: str) -> "Quantity":
        """The same amount in another unit, 34 digits at most. Raises NotComparable, ucum.UnknownUnit."""
        return Quantity(_decimal(self._in(code)), code)

    def compare(self, other: "Quantity") -> int:
        """-1, 0 or 1 as this is less than, equal to or more than `other`. Raises NotComparable."""
        mine, others = Fraction(self.value), other._in(self.unit)  # noqa: SLF001 - of its own class
        return (mine > others) - (mine < others)

    def _in(self, code: str) -> Fraction:
        here, there = ucum.unit(self.unit), ucum.unit(code)
        if here.bases != there.bases:
            raise NotComparable(f"{self.unit} and {code}")
        return (Fraction(self.value) * here.factor + here.offset - there.offset) / there.factor


def _decimal(number: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))

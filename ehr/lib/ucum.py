"""UCUM units: what a code means in base units, exactly.

Source: The Unified Code for Units of Measure 2.2, whose table (ucum-essence.xml) the package `ucumvert` carries.
Factors are fractions, so nothing drifts. Arbitrary units (``[iU]``) and logarithmic ones (``[pH]``) are bases of their
own: they compare with themselves only. Cel and [degF] are converted to kelvin.
"""

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from importlib.resources import files

_NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"
_TOKEN = re.compile(r"\(|\)|\.|/|\{[^{}]*\}|(?:\[[^\[\]]*\]|[^./(){}\[\]\s])+")
_EXPONENT = re.compile(r"(.*?[^\d+-])([+-]?\d+)?")
_CONTEXT = Context(prec=34)
_OFFSETS = {"Cel": (Fraction(1), Fraction("273.15")), "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9))}
MAX_LENGTH = 100


class UnknownUnit(ValueError):
    """The text is not a UCUM code."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as factor times base units; `offset` (in base units) for temperatures.

    `bases` maps base code to exponent.
    """

    factor: Fraction = Fraction(1)
    bases: Mapping[str, int] = field(default_factory=dict)
    offset: Fraction = Fraction(0)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        """The product, or with sign -1 the quotient."""
        exponents = {
            base: self.bases.get(base, 0) + sign * other.bases.get(base, 0) for base in {*self.bases, *other.bases}
        }
        return Unit(self.factor * other.factor**sign, {base: power for base, power in exponents.items() if power})

    def power(self, exponent: int) -> "Unit":
        """The unit multiplied by itself."""
        return Unit(self.factor**exponent, {base: power * exponent for base, power in self.bases.items() if exponent})

    @property
    def code(self) -> str:
        """The base units as one UCUM code, in a fixed order: ``g.m-3``; ``1`` without dimension."""
        parts = (f"{base}{power}" if power != 1 else base for base, power in sorted(self.bases.items()))
        return ".".join(parts) or "1"


@functools.lru_cache(maxsize=4096)
def unit(code: str) -> Unit:
    """The meaning of a UCUM code, case sensitive. Raises UnknownUnit."""
    if not 0 < len(code) <= MAX_LENGTH:
        raise UnknownUnit(code[:MAX_LENGTH])
    tokens = _TOKEN.findall(code)
    if "".join(tokens) != code:
        raise UnknownUnit(code)
    if code in _OFFSETS:
        factor, offset = _OFFSETS[code]
        return Unit(factor, {"K": 1}, offset)
    return _Parser(code, tokens).whole()


def canonical(value: Decimal, code: str) -> tuple[Decimal, str] | None:
    """`value` of `code` in base units, for comparing (34 digits); None when the code is not UCUM."""
    try:
        meaning = unit(code)
    except UnknownUnit:
        return None
    base = Fraction(value) * meaning.factor + meaning.offset
    return _CONTEXT.divide(Decimal(base.numerator), Decimal(base.denominator)), meaning.code


class _Parser:
    """Recursive descent over the grammar of UCUM section 2.1."""

    def __init__(self, code: str, tokens: list[str]) -> None:
        self.code = code
        self.tokens = tokens
        self.position = 0

    def whole(self) -> Unit:
        meaning = self._term()
        if self.position != len(self.tokens):
            raise UnknownUnit(self.code)
        return meaning

    def _term(self) -> Unit:
        if self._peek() == "/":
            self.position += 1
            meaning = Unit().times(self._component(), -1)
        else:
            meaning = self._component()
        while self._peek() in (".", "/"):
            sign = 1 if self._next() == "." else -1
            meaning = meaning.times(self._component(), sign)
        return meaning

    def _component(self) -> Unit:
        token = self._next()
        if token == "(":  # noqa: S105 - a token of the grammar
            meaning = self._term()
            if self._next() != ")":
                raise UnknownUnit(self.code)
            self._skip_annotation()
            return meaning
        if token in (")", ".", "/"):
            raise UnknownUnit(self.code)
        if token.startswith("{"):
            return Unit()
        self._skip_annotation()
        return _simple(token)

    def _skip_annotation(self) -> None:
        if self._peek().startswith("{"):
            self.position += 1

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise UnknownUnit(self.code)
        self.position += 1
        return token


def _simple(token: str) -> Unit:
    if token.isascii() and token.isdigit():
        if int(token) == 0:
            raise UnknownUnit(token)
        return Unit(Fraction(int(token)))
    match = _EXPONENT.fullmatch(token)
    if match is None:
        raise UnknownUnit(token)
    meaning = _prefixed(match[1])
    return meaning.power(int(match[2])) if match[2] else meaning


def _prefixed(symbol: str) -> Unit:
    atoms, prefixes = _table()
    if symbol in atoms:
        return atoms[symbol].meaning()
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        if prefix in prefixes and rest in atoms and atoms[rest].metric:
            return Unit(prefixes[prefix]).times(atoms[rest].meaning())
    raise UnknownUnit(symbol)


@dataclass(frozen=True, slots=True)
class _Atom:
    code: str
    metric: bool
    factor: Fraction
    definition: str | None  # None: a base of its own

    def meaning(self) -> Unit:
        if self.definition is None:
            return Unit(Fraction(1), {self.code: 1})
        return Unit(self.factor).times(unit(self.definition))


@functools.cache
def _table() -> tuple[dict[str, _Atom], dict[str, Fraction]]:
    # The package's own file, not a client's: expansion attacks are no concern here.
    root = ET.fromstring(files("ucumvert.vendor").joinpath("ucum-essence.xml").read_bytes())  # noqa: S314 - see above
    prefixes = {e.attrib["Code"]: Fraction(_value(e).attrib["value"]) for e in root.iter(f"{_NAMESPACE}prefix")}
    return {atom.code: atom for atom in _atoms(root)}, prefixes


def _atoms(root: ET.Element) -> Iterator[_Atom]:
    for element in root.iter(f"{_NAMESPACE}base-unit"):
        yield _Atom(element.attrib["Code"], True, Fraction(1), None)
    for element in root.iter(f"{_NAMESPACE}unit"):
        value = _value(element)
        own = element.get("isSpecial") == "yes" or element.get("isArbitrary") == "yes"
        factor = Fraction(1) if own else Fraction(value.attrib["value"])
        yield _Atom(
            element.attrib["Code"], element.get("isMetric") == "yes", factor, None if own else value.attrib["Unit"]
        )


def _value(element: ET.Element) -> ET.Element:
    value = element.find(f"{_NAMESPACE}value")
    if value is None:
        raise ValueError(f"the UCUM table has no value for {element.attrib['Code']}")
    return value

"""Reading elements of a decoded resource into the values that owners' columns hold.

Every function is pure and total: an element that is absent, or known only to an extension, gives the empty value ("",
None or an empty list), never an error. FHIR has no empty strings, so "" says "absent" and nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ehr.lib.dates import interval
from ehr.lib.json import as_decimal

Element = Mapping[str, Any]

CODE_LENGTH = 255  # indexed columns: a longer value would not fit into a B-tree page
EXPONENT = 400  # beyond it a number is no measurement, and PostgreSQL's numeric has an end
NOTHING: Element = {}


def text(value: Any, limit: int | None = None) -> str:
    """A string element, cut to `limit` characters where the column is indexed."""
    return value[:limit] if isinstance(value, str) else ""


def element(value: Any) -> Element:
    """A complex element."""
    return value if isinstance(value, dict) else NOTHING


def elements(value: Any) -> list[Element]:
    """A repeating complex element."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """A repeating string element."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def boolean(value: Any) -> bool | None:
    """A boolean element."""
    return value if isinstance(value, bool) else None


def number(value: Any) -> Decimal | None:
    """A decimal or integer element, with the digits it was stated in."""
    found = as_decimal(value)
    if found is None or abs(found.adjusted()) > EXPONENT or len(found.as_tuple().digits) > EXPONENT:
        return None
    return found


INTEGER_MAX = 2**31 - 1


def integer(value: Any) -> int | None:
    """An integer, positiveInt or unsignedInt element: 32 bits (FHIR R4 datatypes.html#integer)."""
    return value if type(value) is int and abs(value) <= INTEGER_MAX else None


@dataclass(frozen=True, slots=True)
class Coded:
    """One coding of a concept, and the words to show for the whole concept."""

    system: str = ""
    code: str = ""
    display: str = ""

    def columns(self) -> dict[str, str]:
        """The columns of what a resource is about: code_system, code, display."""
        return {"code_system": self.system, "code": self.code, "display": self.display}

    def columns_of(self, name: str) -> dict[str, str]:
        """The columns of a further concept: `name`_code, `name`_display."""
        return {f"{name}_code": self.code, f"{name}_display": self.display}


UNCODED = Coded()


def coded(concept: Any, *preferred: str) -> Coded:
    """A CodeableConcept as its coding of the first `preferred` system that it has, else its first coding with a code.

    The words are the concept's text, else the chosen coding's display, else any display, else the code.
    """
    if not isinstance(concept, dict):
        return UNCODED
    codings = elements(concept.get("coding"))
    with_code = [c for c in codings if text(c.get("code"))]
    first = with_code[0] if with_code else NOTHING
    chosen = next((c for system in preferred for c in with_code if c.get("system") == system), first)
    displays = (text(c.get("display")) for c in (chosen, *codings))
    words = (text(concept.get("text")), *displays, text(chosen.get("code")))
    system, code = (text(chosen.get(part), CODE_LENGTH) for part in ("system", "code"))
    return Coded(system, code, next(filter(None, words), ""))


def coding(value: Any) -> Coded:
    """A Coding."""
    return coded({"coding": [value]})


def codes(concepts: Any) -> list[str]:
    """All codes of a repeating CodeableConcept, each once, in order."""
    codings = (c for concept in elements(concepts) for c in elements(concept.get("coding")))
    return list(dict.fromkeys(code for c in codings if (code := text(c.get("code"), CODE_LENGTH))))


def has_coding(concept: Any, system: str, code: str) -> bool:
    """True when the CodeableConcept has this coding."""
    return any(c.get("system") == system and c.get("code") == code for c in elements(element(concept).get("coding")))


def target(reference: Any, keys: Mapping[str, int], kind: str) -> int | None:
    """The key of the referenced resource when it is a `kind` of this store, else None.

    Contained, logical, urn: and absolute references to elsewhere have no key.
    """
    literal = text(element(reference).get("reference")).partition("/_history/")[0]
    return keys.get(literal) if literal.startswith(f"{kind}/") else None


def targets(references: Any, keys: Mapping[str, int], kind: str) -> list[int]:
    """The keys of all references in a list that are a `kind` of this store."""
    found = (target(reference, keys, kind) for reference in elements(references))
    return [key for key in found if key is not None]


def resolved(reference: Any, resource: Element) -> Element:
    """The contained resource that a reference names ("#med"), or an empty one."""
    literal = text(element(reference).get("reference"))
    if not literal.startswith("#"):
        return NOTHING
    return next((item for item in elements(resource.get("contained")) if item.get("id") == literal[1:]), NOTHING)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, time or period as stated, and the instants [low, high) that it covers; None where open or unknown."""

    text: str = ""
    low: datetime | None = None
    high: datetime | None = None

    def columns(self, name: str) -> dict[str, Any]:
        """The three columns of a moment: `name`, `name`_low, `name`_high."""
        return {name: self.text, f"{name}_low": self.low, f"{name}_high": self.high}


def moment(value: Any) -> Moment:
    """A date, dateTime or instant."""
    stated = text(value)
    covered = interval(stated)
    return Moment(stated, covered.low, covered.high) if covered else Moment(stated)


def period(value: Any) -> Moment:
    """A Period. Its text is the start, or the end of a period without one."""
    start, end = moment(element(value).get("start")), moment(element(value).get("end"))
    return Moment(start.text or end.text, start.low, end.high)


def period_columns(value: Any) -> dict[str, Any]:
    """The four columns of a Period whose both ends are shown: period_start, period_end, period_low, period_high."""
    start, end = moment(element(value).get("start")), moment(element(value).get("end"))
    return {"period_start": start.text, "period_end": end.text, "period_low": start.low, "period_high": end.high}


def choice_moment(resource: Element, name: str) -> Moment:
    """A choice element such as effective[x] or onset[x].

    A dateTime, instant, Period or Timing covers instants; an Age, a Range or a string is words.
    """
    for kind in ("DateTime", "Instant", "Date"):
        if stated := text(resource.get(name + kind)):
            return moment(stated)
    if found := element(resource.get(f"{name}Period")):
        return period(found)
    if found := element(resource.get(f"{name}Timing")):
        return _span(moment(event) for event in texts(found.get("event")))
    words = text(resource.get(f"{name}String")) or quantity_words(resource.get(f"{name}Age"))
    return Moment(words or range_words(resource.get(f"{name}Range")))


def _span(moments: Iterable[Moment]) -> Moment:
    covered = sorted((m.low, m.high, m.text) for m in moments if m.low is not None and m.high is not None)
    return Moment(covered[0][2], covered[0][0], max(high for _, high, _ in covered)) if covered else Moment()


@dataclass(frozen=True, slots=True)
class Measured:
    """A Quantity: the number, `comparator` (< <= >= >), the unit as people write it, the unit's UCUM code."""

    value: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    unit_code: str = ""


UNMEASURED = Measured()


_ANNOTATION = re.compile(r"\{[^}]*\}")


def quantity(value: Any) -> Measured:
    """A Quantity or one of its kinds (Age, Duration). Without a unit, the UCUM code less its annotations."""
    if not isinstance(value, dict):
        return UNMEASURED
    unit_code = text(value.get("code"), CODE_LENGTH)
    unit = text(value.get("unit")) or _ANNOTATION.sub("", unit_code)
    return Measured(number(value.get("value")), text(value.get("comparator")), unit, unit_code)


AGE_UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes"}


def quantity_words(value: Any) -> str:
    """A quantity in words: "5 mg", "< 0.1 ng/mL", "45 years". "" without a number."""
    measured = quantity(value)
    if measured.value is None:
        return ""
    unit = AGE_UNITS.get(measured.unit, measured.unit)
    return " ".join(filter(None, (measured.comparator, format(measured.value, "f"), unit)))


EN_DASH = "\N{EN DASH}"


def range_words(value: Any) -> str:
    """A Range in words: "1" en dash "2 tablets", "≥ 45 years", "≤ 4 mg"."""
    low, high = (quantity_words(element(value).get(end)) for end in ("low", "high"))
    if low and high:
        number_low, _, unit_low = low.partition(" ")
        return EN_DASH.join((number_low if high.endswith(unit_low) else low, high))
    return (low and f"≥ {low}") or (high and f"≤ {high}")


def values_of(resource: Element, name: str) -> Iterator[tuple[str, Any]]:
    """The type and value of a choice element that is present: ("Quantity", {...}) for valueQuantity."""
    for key, value in resource.items():
        if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
            yield key[len(name) :], value

"""What one value of one search parameter puts into the index, by the parameter's kind and the value's FHIR type.

A taker is called with each value that stands at one of its parameter's places and adds to the `Sink`. It takes what
validation let through; an element of another shape than its type's raises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from ehr.fhir.definitions import definitions
from ehr.fhir.elements import number
from ehr.fhir.search.parameters import Kind, Parameter
from ehr.fhir.search.paths import Place
from ehr.fhir.search.strings import folded
from ehr.fhir.search.terms import ancestors, coding_values, param_id, present_term, reference_values, term
from ehr.fhir.search.values import UCUM, local_reference
from ehr.lib.dates import EARLIEST, LATEST, interval
from ehr.lib.ucum import canonical

T = TypeVar("T")
Context = list[int] | None
StringRow = tuple[int, str, str]
DateRow = tuple[int, datetime, datetime, Context]
QuantityRow = tuple[int, Decimal, Decimal, str | None, str | None, Decimal | None, Decimal | None, str | None, Context]
ReferenceRow = tuple[int, int]

NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")
CURRENCIES = "urn:iso:std:iso:4217"
INFINITE = Decimal("Infinity")


@dataclass(slots=True)
class Sink:
    """Gathers the entries of one resource."""

    keys: Mapping[str, int]
    bases: tuple[str, ...]
    tokens: set[int] = field(default_factory=set)
    strings: dict[StringRow, None] = field(default_factory=dict)
    dates: list[DateRow] = field(default_factory=list)
    quantities: list[QuantityRow] = field(default_factory=list)
    references: dict[ReferenceRow, None] = field(default_factory=dict)
    patients: dict[str, int] = field(default_factory=dict)
    """Ids of the patients in whose compartments the resource is, each with the rank of what says so."""
    worked_out: dict[tuple[Any, int], Any] = field(default_factory=dict)

    def once(self, compute: Callable[[str, Any], T], kind: str, value: Any) -> T:
        """`compute(kind, value)`, worked out once for an object, however many parameters want it."""
        known: T | None = self.worked_out.get((compute, id(value)))
        if known is None:
            known = self.worked_out[compute, id(value)] = compute(kind, value)
        return known


Taker = Callable[[Any, Sink], None]


def taker(parameter: Parameter, place: Place, patient_rank: int | None = None) -> Taker | None:
    """What takes the values at a place of the parameter; None for types that its kind says nothing of.

    `patient_rank` is set for parameters that put resources into patients' compartments (CompartmentDefinition/patient).
    """
    if parameter.kind == "reference":
        return _reference_taker(parameter, place, patient_rank)
    makers: Mapping[Kind, Callable[[Parameter, Place], Taker | None]] = {
        "token": _token_taker,
        "uri": _uri_taker,
        "string": _string_taker,
        "date": _date_taker,
        "number": _quantity_taker,
        "quantity": _quantity_taker,
    }
    return makers[parameter.kind](parameter, place)


@lru_cache(maxsize=1 << 16)
def coded_terms(type_: str, code: str, system: str | None, value: str | None) -> tuple[int, ...]:
    """The terms under which a code of a parameter is found."""
    spelled = coding_values(system, None if value is None else value.lower())
    return (present_term(type_, code), *(term(type_, code, one) for one in spelled))


@lru_cache(maxsize=1 << 12)
def implied_system(binding: str | None, code: str) -> str | None:
    """The code system of a `code` element, where its required value set has the code from one system only."""
    value_set = definitions().value_sets.get(binding) if binding else None
    systems = [system for system, codes in value_set.codes.items() if code in codes] if value_set else []
    return systems[0] if len(systems) == 1 else None


def _token_taker(parameter: Parameter, place: Place) -> Taker | None:
    base, code, binding = parameter.base, parameter.code, place.binding
    text_param, present = -param_id(base, code), present_term(base, code)

    def take_coding(value: Any, sink: Sink) -> None:
        sink.tokens.update(coded_terms(base, code, value.get("system"), value.get("code")))
        if display := value.get("display"):
            sink.strings[text_param, folded(display), display] = None

    def take_concept(value: Any, sink: Sink) -> None:
        sink.tokens.add(present)
        for coding in value.get("coding", ()):
            take_coding(coding, sink)
        if text := value.get("text"):
            sink.strings[text_param, folded(text), text] = None

    def take_contact(value: Any, sink: Sink) -> None:
        sink.tokens.update(coded_terms(base, code, None, value.get("value")))

    def take_code(value: Any, sink: Sink) -> None:
        sink.tokens.update(coded_terms(base, code, implied_system(binding, value), value))
        sink.tokens.update(coded_terms(base, code, None, value))

    def take_boolean(value: Any, sink: Sink) -> None:
        sink.tokens.update(coded_terms(base, code, None, "true" if value else "false"))

    return {
        "CodeableConcept": take_concept,
        "Coding": take_coding,
        "Identifier": _identifier_taker(base, code),
        "ContactPoint": take_contact,
        "code": take_code,
        "id": take_code,
        "string": take_code,
        "uri": take_code,
        "boolean": take_boolean,
    }.get(place.kind)


def _identifier_taker(base: str, code: str) -> Taker:
    text_param, present = -param_id(base, code), present_term(base, code)

    def take_identifier(value: Any, sink: Sink) -> None:
        sink.tokens.add(present)
        sink.tokens.update(_identifier_terms(base, code, value))
        kind = value.get("type", {})
        if text := kind.get("text"):
            sink.strings[text_param, folded(text), text] = None
        for coding in kind.get("coding", ()):
            spelled = f"{coding.get('system', '')}|{coding.get('code', '').lower()}|{value.get('value', '')}"
            sink.tokens.add(term(base, f"{code}:of-type", spelled))

    return take_identifier


def _identifier_terms(base: str, code: str, identifier: Mapping[str, Any]) -> Iterator[int]:
    for spelled in coding_values(identifier.get("system"), identifier.get("value")):
        yield term(base, code, spelled)


def _reference_taker(parameter: Parameter, place: Place, patient_rank: int | None) -> Taker | None:
    base, code, param = parameter.base, parameter.code, param_id(parameter.base, parameter.code)
    target, present, identifier_code = place.target, present_term(base, code), f"{code}:identifier"

    def take_reference(value: Any, sink: Sink) -> None:
        literal = value.get("reference")
        local = local_reference(literal, sink.bases) if literal else None
        if target is not None and target != _referenced_type(value, literal, local):
            return
        if local is not None:
            sink.tokens.update(_reference_terms(base, code, local))
            sink.references[param, sink.keys[local]] = None
            if patient_rank is not None and local.startswith("Patient/"):
                patient = local[8:]
                sink.patients[patient] = min(patient_rank, sink.patients.get(patient, patient_rank))
        else:
            sink.tokens.add(present)
            if literal and not literal.startswith("#"):
                sink.tokens.add(term(base, code, literal))
        if identifier := value.get("identifier"):
            sink.tokens.update(_identifier_terms(base, identifier_code, identifier))

    def take_canonical(value: Any, sink: Sink) -> None:
        sink.tokens.update(_uri_terms(base, code, value, False))

    return {"Reference": take_reference, "canonical": take_canonical, "uri": take_canonical}.get(place.kind)


@lru_cache(maxsize=1 << 16)
def _reference_terms(base: str, code: str, local: str) -> tuple[int, ...]:
    type_, _, id_ = local.partition("/")
    return (present_term(base, code), *(term(base, code, spelled) for spelled in reference_values(type_, id_, None)))


def _referenced_type(reference: Mapping[str, Any], literal: str | None, local: str | None) -> str | None:
    """The type of what a reference names, as far as it says: what `resolve() is Patient` asks."""
    if local is not None:
        return local.partition("/")[0]
    parts = literal.split("/_history/")[0].split("/") if literal else []
    return parts[-2] if len(parts) > 2 else reference.get("type")


def _uri_taker(parameter: Parameter, place: Place) -> Taker:  # noqa: ARG001 - the shape of a maker
    base, code, has_hierarchy = parameter.base, parameter.code, parameter.has_hierarchy

    def take_uri(value: Any, sink: Sink) -> None:
        sink.tokens.update(_uri_terms(base, code, value, has_hierarchy))

    return take_uri


@lru_cache(maxsize=1 << 14)
def _uri_terms(base: str, code: str, uri: str, has_hierarchy: bool) -> tuple[int, ...]:  # noqa: FBT001 - a cached function's key
    stated = (present_term(base, code), *(term(base, code, spelled) for spelled in reference_values(None, None, uri)))
    above = ancestors(uri.partition("|")[0].rstrip("/")) if has_hierarchy else ()
    return (*stated, *(term(base, f"{code}:below", one) for one in above))


def _string_taker(parameter: Parameter, place: Place) -> Taker | None:
    param, spell = param_id(parameter.base, parameter.code), parameter.spell

    def take_string(value: Any, sink: Sink) -> None:
        sink.strings[param, spell(value), value] = None

    def take_parts(names: tuple[str, ...]) -> Taker:
        def take(value: Any, sink: Sink) -> None:
            for name in names:
                part = value.get(name)
                for one in part if isinstance(part, list) else (part,):
                    if one is not None:
                        take_string(one, sink)

        return take

    return {
        "string": take_string,
        "markdown": take_string,
        "HumanName": take_parts(NAME_PARTS),
        "Address": take_parts(ADDRESS_PARTS),
    }.get(place.kind)


def spans(kind: str, value: Any) -> list[tuple[datetime, datetime]]:
    """The instants [low, high) that a date covers, of a Timing the outer limits; open ends are EARLIEST and LATEST."""
    if kind in ("date", "dateTime", "instant"):
        covered = interval(value)
        return [(covered.low, covered.high)] if covered else []
    if kind == "Period":
        return _period(value)
    if kind == "Timing":
        events = [covered for text in value.get("event", ()) if text and (covered := interval(text))]
        if events:
            return [(min(one.low for one in events), max(one.high for one in events))]
        return _period(value.get("repeat", {}).get("boundsPeriod", {}))
    return []


def _period(value: Mapping[str, Any]) -> list[tuple[datetime, datetime]]:
    start, end = (interval(value[name]) if name in value else None for name in ("start", "end"))
    if start is None and end is None:
        return []
    return [(start.low if start else EARLIEST, end.high if end else LATEST)]


def _date_taker(parameter: Parameter, place: Place) -> Taker | None:
    param, kind = param_id(parameter.base, parameter.code), place.kind

    def take_date(value: Any, sink: Sink) -> None:
        sink.dates.extend((param, low, high, None) for low, high in spans(kind, value))

    return take_date if kind in ("date", "dateTime", "instant", "Period", "Timing") else None


Amounts = tuple[Decimal, Decimal, str | None, str | None, Decimal | None, Decimal | None, str | None]
NUMBERS = ("decimal", "integer", "positiveInt", "unsignedInt")
QUANTITIES = ("Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity", "MoneyQuantity")


def amounts(kind: str, value: Any) -> list[Amounts]:
    """(low, high, unit, system; low, high, unit in UCUM base units) of a number or quantity, per name of its unit."""
    if kind in QUANTITIES:
        return _quantity(value)
    if kind == "Range":
        low, high = value.get("low", {}), value.get("high", {})
        unit = low if "code" in low or "unit" in low else high
        ends = number(low.get("value")), number(high.get("value"))
        if ends == (None, None):
            return []
        return _with_units(-INFINITE if ends[0] is None else ends[0], INFINITE if ends[1] is None else ends[1], unit)
    if kind == "Money":
        amount = number(value.get("value"))
        return [] if amount is None else [(amount, amount, value.get("currency"), CURRENCIES, None, None, None)]
    amount = number(value)
    return [] if amount is None else [(amount, amount, None, None, None, None, None)]


def _quantity(value: Mapping[str, Any]) -> list[Amounts]:
    """A comparator opens the range: "< 5" is everything below."""
    amount = number(value.get("value"))
    if amount is None:
        return []
    comparator = value.get("comparator", "")
    low = -INFINITE if comparator.startswith("<") else amount
    high = INFINITE if comparator.startswith(">") else amount
    return _with_units(low, high, value)


def _with_units(low: Decimal, high: Decimal, unit: Mapping[str, Any]) -> list[Amounts]:
    code, words = unit.get("code"), unit.get("unit")
    base = _base_range(low, high, code) if code is not None and unit.get("system") == UCUM else (None, None, None)
    named: list[Amounts] = [(low, high, code or words, unit.get("system") if code else None, *base)]
    if code is not None and words is not None and words != code:
        named.append((low, high, words, None, None, None, None))
    return named


_canonical = lru_cache(maxsize=1 << 13)(canonical)  # fractions are slow, and measured values come again


def _base_range(low: Decimal, high: Decimal, code: str) -> tuple[Decimal | None, Decimal | None, str | None]:
    """The range in UCUM base units; an infinite end stays one."""
    finite = [end for end in dict.fromkeys((low, high)) if end.is_finite()]
    found = [converted for end in finite if (converted := _canonical(end, code)) is not None]
    if not found:
        return None, None, None
    return found[0][0] if low.is_finite() else low, found[-1][0] if high.is_finite() else high, found[0][1]


def _quantity_taker(parameter: Parameter, place: Place) -> Taker | None:
    param, kind = param_id(parameter.base, parameter.code), place.kind

    def take_quantity(value: Any, sink: Sink) -> None:
        sink.quantities.extend([(param, *found, None) for found in sink.once(amounts, kind, value)])

    return take_quantity if kind in (*QUANTITIES, "Range", "Money", *NUMBERS) else None

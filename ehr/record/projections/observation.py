from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ehr.fhir.elements import (
    UNCODED,
    Coded,
    Element,
    choice_moment,
    coded,
    codes,
    element,
    elements,
    moment,
    number,
    quantity,
    quantity_words,
    range_words,
    target,
    text,
    values_of,
)
from ehr.record.projections.systems import LOINC

NORMAL_RANGE = ("", "normal")  # what a reference range means that does not say, or says so


@dataclass(frozen=True, slots=True)
class Value:
    """A value[x] in the columns that hold it."""

    number: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    unit_code: str = ""
    concept: Coded = UNCODED
    text: str = ""


def project_observation(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.Observation."""
    value = _value(resource)
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "status": text(resource.get("status")),
        "category": codes(resource.get("category")),
        **coded(resource.get("code"), LOINC).columns(),
        **choice_moment(resource, "effective").columns("effective"),
        "issued": moment(resource.get("issued")).low,
        "value_number": value.number,
        "value_comparator": value.comparator,
        "value_unit": value.unit,
        "value_unit_code": value.unit_code,
        "value_code_system": value.concept.system,
        "value_code": value.concept.code,
        "value_text": value.text,
        "data_absent_reason": coded(resource.get("dataAbsentReason")).code,
        "interpretation": next((coded(i).code for i in elements(resource.get("interpretation"))), ""),
        **_reference_range(resource.get("referenceRange")),
        **_components(elements(resource.get("component"))),
    }


def _value(holder: Element) -> Value:
    for kind, value in values_of(holder, "value"):
        match kind:
            case "Quantity":
                measured = quantity(value)
                return Value(measured.value, measured.comparator, measured.unit, measured.unit_code)
            case "Integer":
                return Value(number(value))
            case "CodeableConcept":
                concept = coded(value)
                return Value(concept=concept, text=concept.display)
            case _:
                return Value(text=_words(kind, value))
    return Value()


def _words(kind: str, value: Any) -> str:
    match kind:
        case "Boolean":
            return {True: "true", False: "false"}.get(value, "") if isinstance(value, bool) else ""
        case "Range":
            return range_words(value)
        case "Ratio":
            parts = (quantity_words(element(value).get(part)) for part in ("numerator", "denominator"))
            return " : ".join(filter(None, parts))
        case "Period":
            ends = [text(element(value).get(end)) for end in ("start", "end")]
            return "/".join(ends) if any(ends) else ""
        case _:  # string, time, dateTime; SampledData is a curve, not words
            return text(value)


def _reference_range(ranges: Any) -> dict[str, Any]:
    """The normal range, else the first. Its words are its text, else its ends."""
    found = elements(ranges)
    if not found:
        return {"reference_low": None, "reference_high": None, "reference_text": ""}
    normal = (r for r in found if coded(r.get("type")).code in NORMAL_RANGE)
    chosen = next(normal, found[0])
    return {
        "reference_low": quantity(chosen.get("low")).value,
        "reference_high": quantity(chosen.get("high")).value,
        "reference_text": text(chosen.get("text")) or range_words(chosen),
    }


def _components(components: list[Element]) -> dict[str, Any]:
    values = [_value(component) for component in components]
    return {
        "component_codes": [coded(component.get("code"), LOINC).code for component in components],
        "component_numbers": [value.number for value in values],
        "component_texts": [value.text for value in values],
        "component_units": [value.unit for value in values],
    }

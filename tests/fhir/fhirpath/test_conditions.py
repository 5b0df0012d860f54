"""A condition says of an object what its expression says, worked out the long way."""

from decimal import Decimal
from typing import Any

import pytest

from ehr.fhir.definitions import type_definition
from ehr.fhir.fhirpath import Scope, compiled, condition
from ehr.fhir.fhirpath.values import truth

EXTENSION = [{"url": "http://e.org/x", "valueCode": "y"}]
OBJECTS: list[tuple[str, dict[str, Any]]] = [
    ("Period", {"start": "2026-01-01"}),
    ("Period", {"end": "2026-01-01"}),
    ("Period", {"start": "2026", "end": "2025"}),
    ("Period", {"start": "2025", "end": "2026"}),
    ("Period", {"start": "2026", "end": "2026-03"}),
    ("Period", {"_start": {"extension": EXTENSION}, "end": "2026-03"}),
    ("Quantity", {"value": Decimal("1.0"), "code": "mg"}),
    ("Quantity", {"code": "mg", "system": "http://unitsofmeasure.org"}),
    ("Quantity", {"_code": {"extension": EXTENSION}}),
    ("Attachment", {"data": "AAAA"}),
    ("Attachment", {"data": "AAAA", "contentType": "image/png"}),
    ("ContactPoint", {"value": "555"}),
    ("Timing.repeat", {"period": Decimal(-1), "periodUnit": "d", "when": ["C"], "offset": 1}),
    ("Timing.repeat", {"duration": Decimal(1), "timeOfDay": ["08:00:00"], "when": ["HS"]}),
    ("Observation", {"valueString": "x", "dataAbsentReason": {"text": "y"}, "code": {"text": "z"}}),
    ("Observation", {"code": {"coding": [{"code": "a"}]}, "valueString": "x", "component": [{"code": {"coding": [{"code": "a"}]}}]}),
    ("Patient.contact", {"relationship": [{"text": "friend"}]}),
    ("Patient.contact", {"telecom": [{"value": "555"}]}),
]  # fmt: skip


def said(expression: str, kind: str, value: dict[str, Any]) -> bool | None:
    node = (value, kind, None)
    return truth(compiled(expression)(Scope(node, node), (node,)))


@pytest.mark.parametrize(("kind", "value"), OBJECTS)
def test_every_invariant_of_the_type_gives_the_same_answer_both_ways(kind: str, value: dict[str, Any]) -> None:
    definition = type_definition(kind)
    assert definition is not None
    node = (value, kind, None)
    expressions = [one.expression for one in definition.invariants]
    quick = [condition(expression, kind)(value, Scope(node, node)) for expression in expressions]
    assert quick == [said(expression, kind, value) for expression in expressions]


@pytest.mark.parametrize(
    "expression",
    [
        "start.exists() and end.exists()", "start.exists() implies end.empty()", "end <= start", "start > end",
        "start.empty() or start < end", "(start | end).exists()", "extension.where(url = 'x').exists()",
        "extension.count().exists()", "start.hasValue().not()", "nothing.exists()", "start.empty() and start <= end",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [value for kind, value in OBJECTS if kind == "Period"])
def test_a_condition_on_parts_is_what_the_long_way_says(expression: str, value: dict[str, Any]) -> None:
    node = (value, "Period", None)
    assert condition(expression, "Period")(value, Scope(node, node)) == said(expression, "Period", value)
